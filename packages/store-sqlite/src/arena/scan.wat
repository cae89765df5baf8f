;; The exact scan: dot products of one question with rows of eight-bit vectors, four rows at a time.
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
  (import "arena" "memory" (memory 1))

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
      (br_if $next (i32.lt_u (local.get $out) (local.get $last))))))
