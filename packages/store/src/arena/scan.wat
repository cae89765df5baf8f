;; Two scans of one space's vectors: the exact one over eight-bit rows, four at a time, and the estimate from their
;; signs, 32 at a time (further down).
;;
;; `node tools/wasm/build.ts` turns this file into scan-wasm.ts; a test compares the two.
;;
;; A row is `width` signed bytes, one a dimension, `width` a multiple of 16 (the rest are zeros), and has a float32
;; scale; rows of a block follow each other, and so do their scales. The question is `width` signed 16-bit numbers.
;; What a row scores is float32(dot) × its scale × the question's scale, the products rounded to float32 in this order,
;; and +0 where that is not above 0: integers up to the one rounding of `float32(dot)`, and then IEEE 754
;; multiplication, so that every machine gives the same bits.
;;
;; Nothing overflows. The caller keeps |question| ≤ L with 128 · L · dimensions < 2³¹ (quantize.ts), so
;;   - one product is at most 128 · 8191 < 2²⁰ in size, and the pair that `i32x4.dot_i16x8_s` adds below 2²¹;
;;   - every partial sum, in whatever order, is a sum of products of distinct dimensions (those of the
;;     padding are 0), hence at most 128 · L · dimensions < 2³¹ in size, and so is the dot product itself.
;; At L = 8191 that holds up to 2,048 dimensions; at 4,096 dimensions L is 4,095.
;;
;; Four rows share each load of the question, and end in one vector of four sums, so that scaling and storing happen
;; once for four. Both functions therefore touch up to three rows more than asked: the caller's blocks and its lists
;; have room for a multiple of four.
(module
  ;; The pool: rows, scratch. And one number a document, of this thread alone.
  (import "arena" "memory" (memory 1 65536 shared))
  (import "arena" "columns" (memory $columns 0))

  ;; Dot products of the rows at $a, $b, $c and $d, one a lane. $query…$end is the question.
  (func $dot4 (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $query i32) (param $end i32)
    (result v128)
    (local $sumA v128) (local $sumB v128) (local $sumC v128) (local $sumD v128)
    (local $low v128) (local $high v128)
    (loop $next
      (local.set $low (v128.load (local.get $query)))
      (local.set $high (v128.load offset=16 (local.get $query)))
      ;; Loading eight bytes as eight 16-bit numbers is one instruction; loading sixteen and extending both halves is
      ;; four.
      (local.set $sumA (i32x4.add (local.get $sumA) (i32x4.add
        (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $a)) (local.get $low))
        (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $a)) (local.get $high)))))
      (local.set $sumB (i32x4.add (local.get $sumB) (i32x4.add
        (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $b)) (local.get $low))
        (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $b)) (local.get $high)))))
      (local.set $sumC (i32x4.add (local.get $sumC) (i32x4.add
        (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $c)) (local.get $low))
        (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $c)) (local.get $high)))))
      (local.set $sumD (i32x4.add (local.get $sumD) (i32x4.add
        (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $d)) (local.get $low))
        (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $d)) (local.get $high)))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (local.set $c (i32.add (local.get $c) (i32.const 16)))
      (local.set $d (i32.add (local.get $d) (i32.const 16)))
      (local.set $query (i32.add (local.get $query) (i32.const 32)))
      (br_if $next (i32.lt_u (local.get $query) (local.get $end))))

    ;; Four lanes of four sums to four sums: pair A with B and C with D, then the pairs.
    (local.set $low (i32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $sumA) (local.get $sumB))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $sumA) (local.get $sumB))))
    (local.set $high (i32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $sumC) (local.get $sumD))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $sumC) (local.get $sumD))))
    (i32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $low) (local.get $high))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $low) (local.get $high))))

  ;; Scores $count consecutive rows from $rows on: float32 each, from $out on.
  (func (export "scoreAll") (param $rows i32) (param $scales i32) (param $count i32) (param $width i32)
    (param $query i32) (param $queryScale f32) (param $out i32)
    (local $end i32) (local $last i32) (local $b i32) (local $c i32) (local $d i32)
    (if (i32.eqz (local.get $count)) (then (return)))
    (local.set $end (i32.add (local.get $query) (i32.shl (local.get $width) (i32.const 1))))
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $b (i32.add (local.get $rows) (local.get $width)))
      (local.set $c (i32.add (local.get $b) (local.get $width)))
      (local.set $d (i32.add (local.get $c) (local.get $width)))
      (v128.store (local.get $out)
        (f32x4.pmax (v128.const f32x4 0 0 0 0) (f32x4.mul
          (f32x4.mul
            (f32x4.convert_i32x4_s
              (call $dot4 (local.get $rows) (local.get $b) (local.get $c) (local.get $d)
                (local.get $query) (local.get $end)))
            (v128.load (local.get $scales)))
          (f32x4.splat (local.get $queryScale)))))
      (local.set $rows (i32.add (local.get $d) (local.get $width)))
      (local.set $scales (i32.add (local.get $scales) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $out) (local.get $last)))))

  ;; Scores the $count rows whose numbers (bytes, counted from $rows) stand from $list on: float32 each, from $out on,
  ;; in the list's order. Whatever follows the list up to a multiple of four must be numbers of rows too.
  (func (export "scoreListed") (param $rows i32) (param $scales i32) (param $list i32) (param $count i32)
    (param $width i32) (param $query i32) (param $queryScale f32) (param $out i32)
    (local $end i32) (local $last i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (if (i32.eqz (local.get $count)) (then (return)))
    (local.set $end (i32.add (local.get $query) (i32.shl (local.get $width) (i32.const 1))))
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $a (i32.load8_u (local.get $list)))
      (local.set $b (i32.load8_u offset=1 (local.get $list)))
      (local.set $c (i32.load8_u offset=2 (local.get $list)))
      (local.set $d (i32.load8_u offset=3 (local.get $list)))
      (v128.store (local.get $out)
        (f32x4.pmax (v128.const f32x4 0 0 0 0) (f32x4.mul
          (f32x4.mul
            (f32x4.convert_i32x4_s
              (call $dot4
                (i32.add (local.get $rows) (i32.mul (local.get $a) (local.get $width)))
                (i32.add (local.get $rows) (i32.mul (local.get $b) (local.get $width)))
                (i32.add (local.get $rows) (i32.mul (local.get $c) (local.get $width)))
                (i32.add (local.get $rows) (i32.mul (local.get $d) (local.get $width)))
                (local.get $query) (local.get $end)))
            (v128.load32_lane 3 (i32.add (local.get $scales) (i32.shl (local.get $d) (i32.const 2)))
              (v128.load32_lane 2 (i32.add (local.get $scales) (i32.shl (local.get $c) (i32.const 2)))
                (v128.load32_lane 1 (i32.add (local.get $scales) (i32.shl (local.get $b) (i32.const 2)))
                  (v128.load32_zero (i32.add (local.get $scales) (i32.shl (local.get $a) (i32.const 2))))))))
          (f32x4.splat (local.get $queryScale)))))
      (local.set $list (i32.add (local.get $list) (i32.const 4)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $out) (local.get $last)))))

  ;; Scores the $count rows whose addresses stand from $addresses on and their scales from $scales on: float32 each, from
  ;; $out on. Whatever follows the addresses up to a multiple of four must be addresses inside the memory too.
  (func (export "scoreAt") (param $addresses i32) (param $scales i32) (param $count i32) (param $width i32)
    (param $query i32) (param $queryScale f32) (param $out i32)
    (local $end i32) (local $last i32)
    (if (i32.eqz (local.get $count)) (then (return)))
    (local.set $end (i32.add (local.get $query) (i32.shl (local.get $width) (i32.const 1))))
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (v128.store (local.get $out)
        (f32x4.pmax (v128.const f32x4 0 0 0 0) (f32x4.mul
          (f32x4.mul
            (f32x4.convert_i32x4_s
              (call $dot4
                (i32.load (local.get $addresses)) (i32.load offset=4 (local.get $addresses))
                (i32.load offset=8 (local.get $addresses)) (i32.load offset=12 (local.get $addresses))
                (local.get $query) (local.get $end)))
            (v128.load (local.get $scales)))
          (f32x4.splat (local.get $queryScale)))))
      (local.set $addresses (i32.add (local.get $addresses) (i32.const 16)))
      (local.set $scales (i32.add (local.get $scales) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $out) (local.get $last)))))

  ;; The sketch of one row (sketch.ts says what it is for). The row's $width bytes and zeros up to $bits numbers, a
  ;; multiple of 128, become 16-bit numbers at $work and are turned there, in place, by the last four stages of a fast
  ;; Walsh-Hadamard transform: sums of 16 bytes, so at most 16 · 128 = 2^11 in size. Byte m of the sketch holds the signs
  ;; of numbers 8m…8m + 7, 1 for negative, the lowest bit first; it is stored 32m after $sketch, because 32 rows lie
  ;; interleaved. At $factor: 4 · scale · Σ bytes² / Σ |turned numbers|, rounded once to float32, 0 for a row of zeros.
  ;; Both sums are exact in 32 bits: at most 2^14 · 4096 = 2^26 and 2^11 · 4096 = 2^23.
  (func (export "sketchRow") (param $row i32) (param $width i32) (param $scale f32) (param $bits i32) (param $work i32)
    (param $sketch i32) (param $factor i32)
    (local $at i32) (local $end i32) (local $stop i32) (local $step i32)
    (local $low v128) (local $high v128) (local $sum v128) (local $squares f64) (local $sizes f64)
    (local.set $end (i32.add (local.get $work) (i32.shl (local.get $bits) (i32.const 1))))

    (local.set $at (local.get $work))
    (local.set $stop (i32.add (local.get $work) (i32.shl (local.get $width) (i32.const 1))))
    (loop $widen
      (local.set $low (v128.load8x8_s (local.get $row)))
      (v128.store (local.get $at) (local.get $low))
      (local.set $sum (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $low) (local.get $low))))
      (local.set $row (i32.add (local.get $row) (i32.const 8)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $widen (i32.lt_u (local.get $at) (local.get $stop))))
    (memory.fill (local.get $at) (i32.const 0) (i32.sub (local.get $end) (local.get $at)))
    (local.set $squares (f64.convert_i32_s (call $total (local.get $sum))))

    ;; $step is the distance of the two numbers of a butterfly, in bytes: 1/16, 1/8, 1/4 and 1/2 of all.
    (local.set $step (i32.shr_u (local.get $bits) (i32.const 3)))
    (loop $stage
      (local.set $at (local.get $work))
      (loop $pairs
        (local.set $stop (i32.add (local.get $at) (local.get $step)))
        (loop $butterfly
          (local.set $low (v128.load (local.get $at)))
          (local.set $high (v128.load (i32.add (local.get $at) (local.get $step))))
          (v128.store (local.get $at) (i16x8.add (local.get $low) (local.get $high)))
          (v128.store (i32.add (local.get $at) (local.get $step)) (i16x8.sub (local.get $low) (local.get $high)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br_if $butterfly (i32.lt_u (local.get $at) (local.get $stop))))
        (local.set $at (i32.add (local.get $at) (local.get $step)))
        (br_if $pairs (i32.lt_u (local.get $at) (local.get $end))))
      (local.set $step (i32.shl (local.get $step) (i32.const 1)))
      (br_if $stage (i32.le_u (local.get $step) (local.get $bits))))

    (local.set $sum (v128.const i32x4 0 0 0 0))
    (local.set $at (local.get $work))
    (loop $signs
      (local.set $low (v128.load (local.get $at)))
      (i32.store8 (local.get $sketch) (i16x8.bitmask (local.get $low)))
      (local.set $sum
        (i32x4.add (local.get $sum) (i32x4.extadd_pairwise_i16x8_s (i16x8.abs (local.get $low)))))
      (local.set $sketch (i32.add (local.get $sketch) (i32.const 32)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $signs (i32.lt_u (local.get $at) (local.get $end))))
    (local.set $sizes (f64.convert_i32_s (call $total (local.get $sum))))

    (f32.store (local.get $factor)
      (if (result f32) (f64.eq (local.get $sizes) (f64.const 0))
        (then (f32.const 0))
        (else (f32.demote_f64 (f64.div
          (f64.mul (f64.promote_f32 (local.get $scale)) (f64.mul (f64.const 4) (local.get $squares)))
          (local.get $sizes)))))))

  (func $total (param $sum v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
      (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))

  ;; Estimates for $count rows from their sketches, in groups of 32 ("fast scan": André, Kermarrec & Le Scouarnec 2015,
  ;; "Cache locality is not enough"; four signs make the index of a table that fits one register, so one instruction
  ;; looks 16 rows up). $bits / 4 tables of 16 bytes stand at $tables: byte p of table j is 31 plus the question's
  ;; numbers 4j…4j + 3 added up, those subtracted whose bit is set in p. So a byte is 0…62 (sketch.ts keeps the four
  ;; sizes below 32), and
  ;;   - four bytes added are at most 248: they stay in 8 bits, and are widened once for four;
  ;;   - a sum of n tables less its offset 31 n is at most 31 n in size, and n ≤ 4096 / 4, so 31,744 < 2^15: 16 bits hold
  ;;     it exactly, whatever wraps around on the way.
  ;; The sums of even rows are the low bytes and those of odd rows the high bytes of 16-bit numbers: $odd adds up the
  ;; high bytes alone, $both everything; $both − 256 · $odd is the even rows' sum.
  ;;
  ;; An estimate is float32(sum) × the row's factor × the question's scale, rounded in this order, and +0 where that is
  ;; not above 0. Up to 31 rows more than asked are touched. `relaxed_swizzle` differs between machines for indices
  ;; above 15 only, and there are none here.
  (func $estimateAll (param $sketches i32) (param $factors i32) (param $count i32) (param $bits i32)
    (param $tables i32) (param $queryScale f32) (param $out i32)
    (local $table i32) (local $end i32) (local $last i32)
    (local $four v128) (local $offset v128) (local $scale v128)
    (local $a v128) (local $b v128) (local $one v128) (local $sums v128)
    (local $both v128) (local $odd v128) (local $both2 v128) (local $odd2 v128)
    (if (i32.eqz (local.get $count)) (then (return)))
    (local.set $four (i8x16.splat (i32.const 15)))
    (local.set $offset (i16x8.splat (i32.mul (i32.const 31) (i32.shr_u (local.get $bits) (i32.const 2)))))
    (local.set $scale (f32x4.splat (local.get $queryScale)))
    (local.set $end (i32.add (local.get $tables) (i32.shl (local.get $bits) (i32.const 2))))
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
    (loop $group
      (local.set $both (v128.const i32x4 0 0 0 0))
      (local.set $odd (v128.const i32x4 0 0 0 0))
      (local.set $both2 (v128.const i32x4 0 0 0 0))
      (local.set $odd2 (v128.const i32x4 0 0 0 0))
      (local.set $table (local.get $tables))
      (loop $next
        ;; Two bytes of the sketches of 16 rows, and of the 16 rows after them.
        (local.set $a (v128.load (local.get $sketches)))
        (local.set $b (v128.load offset=32 (local.get $sketches)))
        (local.set $sums (i8x16.add
          (i8x16.add
            (i8x16.relaxed_swizzle (v128.load (local.get $table)) (v128.and (local.get $a) (local.get $four)))
            (i8x16.relaxed_swizzle (v128.load offset=16 (local.get $table))
              (v128.and (i16x8.shr_u (local.get $a) (i32.const 4)) (local.get $four))))
          (i8x16.add
            (i8x16.relaxed_swizzle (v128.load offset=32 (local.get $table)) (v128.and (local.get $b) (local.get $four)))
            (i8x16.relaxed_swizzle (v128.load offset=48 (local.get $table))
              (v128.and (i16x8.shr_u (local.get $b) (i32.const 4)) (local.get $four))))))
        (local.set $both (i16x8.add (local.get $both) (local.get $sums)))
        (local.set $odd (i16x8.add (local.get $odd) (i16x8.shr_u (local.get $sums) (i32.const 8))))
        (local.set $a (v128.load offset=16 (local.get $sketches)))
        (local.set $b (v128.load offset=48 (local.get $sketches)))
        (local.set $sums (i8x16.add
          (i8x16.add
            (i8x16.relaxed_swizzle (v128.load (local.get $table)) (v128.and (local.get $a) (local.get $four)))
            (i8x16.relaxed_swizzle (v128.load offset=16 (local.get $table))
              (v128.and (i16x8.shr_u (local.get $a) (i32.const 4)) (local.get $four))))
          (i8x16.add
            (i8x16.relaxed_swizzle (v128.load offset=32 (local.get $table)) (v128.and (local.get $b) (local.get $four)))
            (i8x16.relaxed_swizzle (v128.load offset=48 (local.get $table))
              (v128.and (i16x8.shr_u (local.get $b) (i32.const 4)) (local.get $four))))))
        (local.set $both2 (i16x8.add (local.get $both2) (local.get $sums)))
        (local.set $odd2 (i16x8.add (local.get $odd2) (i16x8.shr_u (local.get $sums) (i32.const 8))))
        (local.set $sketches (i32.add (local.get $sketches) (i32.const 64)))
        (local.set $table (i32.add (local.get $table) (i32.const 64)))
        (br_if $next (i32.lt_u (local.get $table) (local.get $end))))
      (call $estimate16 (local.get $both) (local.get $odd) (local.get $offset) (local.get $factors) (local.get $scale)
        (local.get $out))
      (call $estimate16 (local.get $both2) (local.get $odd2) (local.get $offset)
        (i32.add (local.get $factors) (i32.const 64)) (local.get $scale) (i32.add (local.get $out) (i32.const 64)))
      (local.set $factors (i32.add (local.get $factors) (i32.const 128)))
      (local.set $out (i32.add (local.get $out) (i32.const 128)))
      (br_if $group (i32.lt_u (local.get $out) (local.get $last)))))

  ;; The estimates of 16 rows from their sums.
  (func $estimate16 (param $both v128) (param $odd v128) (param $offset v128) (param $factors i32) (param $scale v128)
    (param $out i32)
    (local $even v128) (local $rows v128)
    (local.set $even (i16x8.sub
      (i16x8.sub (local.get $both) (i16x8.shl (local.get $odd) (i32.const 8))) (local.get $offset)))
    (local.set $odd (i16x8.sub (local.get $odd) (local.get $offset)))
    (local.set $rows
      (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $even) (local.get $odd)))
    (call $estimate4 (i32x4.extend_low_i16x8_s (local.get $rows)) (local.get $factors) (local.get $scale)
      (local.get $out))
    (call $estimate4 (i32x4.extend_high_i16x8_s (local.get $rows)) (i32.add (local.get $factors) (i32.const 16))
      (local.get $scale) (i32.add (local.get $out) (i32.const 16)))
    (local.set $rows
      (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $even) (local.get $odd)))
    (call $estimate4 (i32x4.extend_low_i16x8_s (local.get $rows)) (i32.add (local.get $factors) (i32.const 32))
      (local.get $scale) (i32.add (local.get $out) (i32.const 32)))
    (call $estimate4 (i32x4.extend_high_i16x8_s (local.get $rows)) (i32.add (local.get $factors) (i32.const 48))
      (local.get $scale) (i32.add (local.get $out) (i32.const 48))))

  (func $estimate4 (param $sums v128) (param $factors i32) (param $scale v128) (param $out i32)
    (v128.store (local.get $out)
      (f32x4.pmax (v128.const f32x4 0 0 0 0)
        (f32x4.mul
          (f32x4.mul (f32x4.convert_i32x4_s (local.get $sums)) (v128.load (local.get $factors)))
          (local.get $scale)))))

  ;; Estimates $count rows (into $scores, as above) and raises the bits of one float32 a document, from the beginning of
  ;; $columns on, to the estimate of each row of the document; row r is of document $documents[r]. Numbers that are not
  ;; below 0 are in the order of their bits (IEEE 754) and their differences fit in 32 bits, so that no branch depends on
  ;; the data.
  (func (export "estimateBest") (param $sketches i32) (param $factors i32) (param $documents i32) (param $count i32)
    (param $bits i32) (param $tables i32) (param $queryScale f32) (param $scores i32)
    (local $last i32) (local $at i32) (local $old i32) (local $more i32)
    (if (i32.eqz (local.get $count)) (then (return)))
    (call $estimateAll (local.get $sketches) (local.get $factors) (local.get $count) (local.get $bits)
      (local.get $tables) (local.get $queryScale) (local.get $scores))
    (local.set $last (i32.add (local.get $scores) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $at (i32.shl (i32.load (local.get $documents)) (i32.const 2)))
      (local.set $old (i32.load $columns (local.get $at)))
      (local.set $more (i32.sub (i32.load (local.get $scores)) (local.get $old)))
      (i32.store $columns (local.get $at) (i32.add (local.get $old)
        (i32.and (local.get $more) (i32.xor (i32.shr_s (local.get $more) (i32.const 31)) (i32.const -1)))))
      (local.set $documents (i32.add (local.get $documents) (i32.const 4)))
      (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $scores) (local.get $last))))))
