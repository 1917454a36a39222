"""A small ctypes binding to a llama.cpp shared library: render, tokenise, read logits rows, decode several sequences together.

For evaluation and for a base model's own answers. It asks for default parameters into an oversized zeroed struct and passes that one by
value, so it needs no struct layout but the batch's. Libraries of both memory interfaces work: `llama_kv_self_*` and `llama_memory_*`.
"""

from __future__ import annotations

import ctypes
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
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
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    ]


class _Message(ctypes.Structure):
    _fields_ = [("role", ctypes.c_char_p), ("content", ctypes.c_char_p)]


@dataclass(frozen=True)
class Piece:
    """Tokens that continue a sequence from `position` on; decoding them yields the logits row after the last one."""

    sequence: int
    position: int
    ids: list[int]


_LOG_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


class LlamaCpp:
    """One model with one context of `sequences` sequences of up to `length` tokens each; close it when done."""

    def __init__(self, library: Path, model: Path, threads: int = 2, length: int = 1024, sequences: int = 1) -> None:
        library = _unpack(library)
        self._lib = _declare(ctypes.CDLL(str(library), mode=os.RTLD_LOCAL))
        self._messages: list[str] = []
        self._log = _LOG_CALLBACK(lambda level, text, data: self._messages.append(text.decode(errors="replace")))
        self._lib.llama_log_set(self._log, None)
        if not hasattr(self._lib, "llama_kv_self_clear"):
            self._lib.ggml_backend_load_all_from_path(str(library.parent).encode())
        self._lib.llama_backend_init()
        self._model = self._lib.llama_model_load_from_file(str(model).encode(), self._lib.llama_model_default_params())
        if not self._model:
            raise OSError(f"llama.cpp does not load {model.name}: {''.join(self._messages[-5:])}")
        self._vocab = self._lib.llama_model_get_vocab(self._model)
        parameters = self._lib.llama_context_default_params()
        # n_ctx, n_batch, n_ubatch and n_seq_max are the first fields.
        sizes = ctypes.cast(ctypes.byref(parameters), ctypes.POINTER(ctypes.c_uint32))
        self.capacity = max(sizes[1], length)
        sizes[0], sizes[1], sizes[3] = length * sequences, self.capacity, sequences
        self._context = self._lib.llama_init_from_model(self._model, parameters)
        if not self._context:
            raise OSError(f"llama.cpp makes no context: {''.join(self._messages[-5:])}")
        self._lib.llama_set_n_threads(self._context, threads, threads)
        self._batch = self._lib.llama_batch_init(self.capacity, 0, 1)
        self.vocabulary_size = self._lib.llama_vocab_n_tokens(self._vocab)

    def render(self, template: str, messages: Sequence[tuple[str, str]]) -> str:
        """The (role, content) pairs with the generation prompt, by llama.cpp's own rendering of a template that it recognises."""
        chat = (_Message * len(messages))(*((role.encode(), content.encode()) for role, content in messages))
        size = 4096 + 2 * sum(len(role) + len(content.encode()) for role, content in messages)
        text = ctypes.create_string_buffer(size)
        count = self._lib.llama_chat_apply_template(template.encode(), chat, len(messages), True, text, size)
        if count < 0:
            raise ValueError("llama.cpp does not recognise the chat template")
        if count > size:
            raise ValueError(f"the chat template adds more than {size} bytes")
        return text.raw[:count].decode()

    def tokenize(self, text: str, add_special: bool = True) -> list[int]:
        """The ids with parse_special = true and, with `add_special`, the model's own BOS rule."""
        data = text.encode()
        ids = (ctypes.c_int32 * (len(data) + 8))()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), ids, len(ids), add_special, True)
        if count < 0:
            raise ValueError("more tokens than bytes")
        return list(ids[:count])

    def text(self, ids: Sequence[int]) -> str:
        """What plain tokens spell; special tokens spell nothing."""
        tokens = (ctypes.c_int32 * len(ids))(*ids)
        size = 64 + 16 * len(ids)
        while True:
            text = ctypes.create_string_buffer(size)
            count = self._lib.llama_detokenize(self._vocab, tokens, len(ids), text, size, True, False)
            if count >= 0:
                return text.raw[:count].decode(errors="replace")
            size = -count

    def ends(self, token: int) -> bool:
        """Whether the token ends an answer."""
        return self._lib.llama_vocab_is_eog(self._vocab, token)

    def logits(self, ids: list[int]) -> np.ndarray:
        """The logits row after the last of `ids`, from an empty cache."""
        self.forget(0)
        return self.decode([Piece(0, 0, ids)])[0].astype(np.float64)

    def decode(self, pieces: Sequence[Piece]) -> np.ndarray:
        """The float32 logits rows after each piece's last token, [pieces, vocabulary]; all pieces fit one batch."""
        at, ends = 0, []
        for piece in pieces:
            if at + len(piece.ids) > self.capacity:
                raise ValueError(f"more than {self.capacity} tokens in one batch")
            for offset, token in enumerate(piece.ids):
                self._batch.token[at] = token
                self._batch.pos[at] = piece.position + offset
                self._batch.n_seq_id[at] = 1
                self._batch.seq_id[at][0] = piece.sequence
                self._batch.logits[at] = offset == len(piece.ids) - 1
                at += 1
            ends.append(at - 1)
        self._batch.n_tokens = at
        status = self._lib.llama_decode(self._context, self._batch)
        if status:
            raise RuntimeError(f"llama_decode returned {status}")
        rows = [self._lib.llama_get_logits_ith(self._context, end) for end in ends]
        return np.stack([np.ctypeslib.as_array(row, (self.vocabulary_size,)) for row in rows])

    def forget(self, sequence: int) -> None:
        """Empties a sequence."""
        if hasattr(self._lib, "llama_kv_self_clear"):
            self._lib.llama_kv_self_seq_rm(self._context, sequence, -1, -1)
        else:
            self._lib.llama_memory_seq_rm(self._lib.llama_get_memory(self._context), sequence, -1, -1)

    def probabilities(self, ids: list[int]) -> np.ndarray:
        logits = self.logits(ids)
        exponentials = np.exp(logits - logits.max())
        return exponentials / exponentials.sum()

    def close(self) -> None:
        if self._context:
            self._lib.llama_batch_free(self._batch)
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
        "llama_detokenize": (integer, [pointer, tokens, integer, ctypes.c_char_p, integer, boolean, boolean]),
        "llama_vocab_is_eog": (boolean, [pointer, integer]),
        "llama_chat_apply_template": (
            integer,
            [ctypes.c_char_p, ctypes.POINTER(_Message), ctypes.c_size_t, boolean, ctypes.c_char_p, integer],
        ),
        "llama_batch_init": (_Batch, [integer, integer, integer]),
        "llama_batch_free": (None, [_Batch]),
        "llama_decode": (integer, [pointer, _Batch]),
        "llama_get_logits_ith": (ctypes.POINTER(ctypes.c_float), [pointer, integer]),
        "llama_free": (None, [pointer]),
        "llama_model_free": (None, [pointer]),
    }
    if hasattr(lib, "llama_kv_self_clear"):
        signatures["llama_kv_self_seq_rm"] = (boolean, [pointer, integer, integer, integer])
    else:
        signatures["ggml_backend_load_all_from_path"] = (None, [ctypes.c_char_p])
        signatures["llama_get_memory"] = (pointer, [pointer])
        signatures["llama_memory_seq_rm"] = (boolean, [pointer, integer, integer, integer])
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
