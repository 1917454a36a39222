"""A small ctypes binding to a llama.cpp shared library, enough to tokenise and to read one logits row.

For evaluation only. It asks for default parameters into an oversized zeroed struct and passes that one by value, so it needs no
struct layout but the batch's.
"""

from __future__ import annotations

import ctypes
import os
import zipfile
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

JAR_RESOURCE = "de/kherud/llama/Linux/x86_64/libjllama.so"


class _Parameters(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_ubyte * 512)]


class _Batch(ctypes.Structure):
    _fields_ = [
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embd", ctypes.c_void_p),
        ("pos", ctypes.c_void_p),
        ("n_seq_id", ctypes.c_void_p),
        ("seq_id", ctypes.c_void_p),
        ("logits", ctypes.c_void_p),
    ]


_LOG_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


class LlamaCpp:
    """One model with one context; close it when done."""

    def __init__(self, library: Path, model: Path, threads: int = 2) -> None:
        self._lib = _declare(ctypes.CDLL(str(_unpack(library)), mode=os.RTLD_LOCAL))
        self._messages: list[str] = []
        self._log = _LOG_CALLBACK(lambda level, text, data: self._messages.append(text.decode(errors="replace")))
        self._lib.llama_log_set(self._log, None)
        self._lib.llama_backend_init()
        self._model = self._lib.llama_model_load_from_file(str(model).encode(), self._lib.llama_model_default_params())
        if not self._model:
            raise OSError(f"llama.cpp does not load {model.name}: {''.join(self._messages[-5:])}")
        self._vocab = self._lib.llama_model_get_vocab(self._model)
        parameters = self._lib.llama_context_default_params()
        ctypes.cast(ctypes.byref(parameters), ctypes.POINTER(ctypes.c_uint32))[0] = 1024  # n_ctx is the first field
        self._context = self._lib.llama_init_from_model(self._model, parameters)
        if not self._context:
            raise OSError(f"llama.cpp makes no context: {''.join(self._messages[-5:])}")
        self._lib.llama_set_n_threads(self._context, threads, threads)
        self.vocabulary_size = self._lib.llama_vocab_n_tokens(self._vocab)

    def tokenize(self, text: str, add_special: bool = True) -> list[int]:
        """The ids with parse_special = true and, with `add_special`, the model's own BOS rule."""
        data = text.encode()
        ids = (ctypes.c_int32 * (len(data) + 8))()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), ids, len(ids), add_special, True)
        if count < 0:
            raise ValueError("more tokens than bytes")
        return list(ids[:count])

    def logits(self, ids: list[int]) -> np.ndarray:
        """The logits row after the last of `ids`, from an empty cache."""
        self._lib.llama_kv_self_clear(self._context)
        tokens = (ctypes.c_int32 * len(ids))(*ids)
        status = self._lib.llama_decode(self._context, self._lib.llama_batch_get_one(tokens, len(ids)))
        if status:
            raise RuntimeError(f"llama_decode returned {status}")
        row = self._lib.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(row, (self.vocabulary_size,)).astype(np.float64)

    def probabilities(self, ids: list[int]) -> np.ndarray:
        logits = self.logits(ids)
        exponentials = np.exp(logits - logits.max())
        return exponentials / exponentials.sum()

    def close(self) -> None:
        if self._context:
            self._lib.llama_free(self._context)
            self._lib.llama_model_free(self._model)
            self._context = self._model = None

    def __enter__(self) -> LlamaCpp:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unpack(library: Path) -> Path:
    """The library itself, or the Linux x86-64 one inside java-llama.cpp's jar."""
    if library.suffix != ".jar":
        return library
    with zipfile.ZipFile(library) as jar:
        return Path(jar.extract(JAR_RESOURCE, mkdtemp(prefix="demur-llama-")))


def _declare(lib: ctypes.CDLL) -> ctypes.CDLL:
    pointer, integer, boolean = ctypes.c_void_p, ctypes.c_int32, ctypes.c_bool
    tokens = ctypes.POINTER(ctypes.c_int32)
    signatures = {
        "llama_log_set": (None, [_LOG_CALLBACK, pointer]),
        "llama_backend_init": (None, []),
        "llama_model_default_params": (_Parameters, []),
        "llama_context_default_params": (_Parameters, []),
        "llama_model_load_from_file": (pointer, [ctypes.c_char_p, _Parameters]),
        "llama_model_get_vocab": (pointer, [pointer]),
        "llama_init_from_model": (pointer, [pointer, _Parameters]),
        "llama_set_n_threads": (None, [pointer, integer, integer]),
        "llama_vocab_n_tokens": (integer, [pointer]),
        "llama_tokenize": (integer, [pointer, ctypes.c_char_p, integer, tokens, integer, boolean, boolean]),
        "llama_batch_get_one": (_Batch, [tokens, integer]),
        "llama_kv_self_clear": (None, [pointer]),
        "llama_decode": (integer, [pointer, _Batch]),
        "llama_get_logits_ith": (ctypes.POINTER(ctypes.c_float), [pointer, integer]),
        "llama_free": (None, [pointer]),
        "llama_model_free": (None, [pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
