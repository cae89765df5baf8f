"""Checks of the file format and of the fit's arithmetic; needs numpy only: python3 -m unittest test_distil"""

import json
import os
import tempfile
import unittest

import numpy as np

from fit import fit, fold_axes, gradient
from table import dequantize, foreign, quantize, read_table, static_vectors, write_table


def random_rows(seed, count=200, dim=16):
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return rows * np.linspace(0.01, 5, count, dtype=np.float32)[:, None]


class Scripts(unittest.TestCase):
    def test_letters_that_are_not_latin_are_foreign_and_digits_and_signs_are_not(self):
        pieces = ["house", "##é", "東", "##я", "ب", "42", "##!", "[CLS]", "a東"]
        self.assertEqual(foreign(pieces).tolist(), [False, False, True, True, True, False, False, False, True])


class Quantization(unittest.TestCase):
    def test_a_row_survives_within_half_a_step(self):
        rows = random_rows(1)
        table, scales = quantize(rows)
        self.assertEqual((table.dtype, scales.dtype), (np.int8, np.float32))
        self.assertTrue((np.abs(dequantize(table, scales) - rows) <= scales[:, None] * 0.5001).all())
        self.assertTrue((np.abs(table.astype(int)).max(axis=1) == 127).all())

    def test_a_zero_row_stays_zero_without_a_division_by_zero(self):
        with np.errstate(all="raise"):
            table, scales = quantize(np.zeros((2, 4), np.float32))
        self.assertFalse(table.any() or scales.any())


class Files(unittest.TestCase):
    def test_a_written_table_reads_back_the_same(self):
        table, scales = quantize(random_rows(2))
        with tempfile.TemporaryDirectory() as folder:
            write_table(folder, table, scales)
            np.testing.assert_array_equal(read_table(folder), dequantize(table, scales))
            with open(os.path.join(folder, "table.json"), encoding="utf-8") as handle:
                shape = json.load(handle)
            self.assertEqual((shape["rows"], shape["dim"]), (200, 16))
            with open(os.path.join(folder, "scales.f32"), "rb") as handle:
                self.assertEqual(handle.read(4), np.array(scales[0], "<f4").tobytes())
            with open(os.path.join(folder, "table.i8"), "rb") as handle:
                self.assertEqual(handle.read(16), table[0].tobytes())

    def test_a_truncated_table_is_refused(self):
        table, scales = quantize(random_rows(3))
        with tempfile.TemporaryDirectory() as folder:
            write_table(folder, table, scales)
            os.truncate(os.path.join(folder, "table.i8"), 100)
            with self.assertRaises(ValueError):
                read_table(folder)


class Vectors(unittest.TestCase):
    def test_a_vector_is_the_normalised_sum_of_rows_with_repeats_and_without_special_tokens(self):
        rows = random_rows(4)
        expected = rows[5] * 2 + rows[9]
        vector = static_vectors(rows, [[101, 5, 9, 5, 102]])[0]
        np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-6)

    def test_a_text_of_special_tokens_only_has_the_zero_vector(self):
        self.assertFalse(static_vectors(random_rows(5), [[101, 102], []]).any())


class Fitting(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(6)
        self.sequences = [list(rng.integers(104, 200, rng.integers(1, 9))) for _ in range(300)]
        hidden = rng.standard_normal((200, 24)).astype(np.float32)
        self.targets = static_vectors(hidden, self.sequences)

    def test_the_gradient_agrees_with_finite_differences(self):
        rng = np.random.default_rng(7)
        rows = rng.standard_normal((6, 4))
        counts = rng.integers(0, 3, (5, 6)).astype(float)
        targets = rng.standard_normal((5, 7))
        targets /= np.linalg.norm(targets, axis=1, keepdims=True)
        slope = gradient(rows, counts, targets, 0.5)[1]
        for place in [(0, 0), (3, 2), (5, 3)]:
            step = np.zeros_like(rows)
            step[place] = 1e-5
            difference = gradient(rows + step, counts, targets, 0.5)[0] - gradient(rows - step, counts, targets, 0.5)[0]
            self.assertAlmostEqual(difference / 2e-5, slope[place], places=5)

    def run_fit(self):
        rows = np.random.default_rng(8).standard_normal((200, 16)).astype(np.float32) * 0.1
        axes, basis = fold_axes(self.targets, 16)
        np.testing.assert_allclose(basis.T @ basis, np.eye(24), atol=1e-5)
        np.testing.assert_array_equal(basis[:, :16], axes)
        settings = {"steps": 150, "batch": 32, "rate": 0.02, "similarity": 0.1, "dropout": 0.1, "seed": 9, "log": None}
        aim = self.targets @ basis
        before = (static_vectors(rows, self.sequences) * aim[:, :16]).sum(axis=1).mean()
        fit(rows, self.sequences, aim, np.ones(200, np.float32), **settings)
        return rows, before, (static_vectors(rows, self.sequences) * aim[:, :16]).sum(axis=1).mean()

    def test_fitting_brings_texts_to_their_targets_and_gives_the_same_bytes_twice(self):
        rows, before, after = self.run_fit()
        self.assertGreater(after, before + 0.3)
        self.assertEqual(rows.tobytes(), self.run_fit()[0].tobytes())


if __name__ == "__main__":
    unittest.main()
