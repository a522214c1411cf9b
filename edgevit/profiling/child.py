"""The process that profiles a file for :mod:`edgevit.profiling.profile`: a script, not imported.

LiteRT's C interface reports the operators inside XNNPACK's partitions too, which its Python interface does not. The
layouts below are those of release 2.3; they are not promised for others, so the parent asks for that release only.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from pathlib import Path
from typing import Any

import ai_edge_litert

REFUSED = 3
"""Exit status: the runtime does not take the file."""

_CPU = 1
"""``kLiteRtHwAcceleratorCpu``."""

_XNNPACK_OPERATOR = 8
"""``DELEGATE_PROFILED_OPERATOR_INVOKE_EVENT``: an operator inside of a partition."""

_INTERPRETER_OPERATOR = 2
"""``OPERATOR_INVOKE_EVENT``: an operator outside, or a partition as a whole."""

_WARM_UPS = 3
_Handle = ctypes.c_void_p


class _Memory(ctypes.Structure):
    _fields_ = [("numbers", ctypes.c_size_t * 3)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("tag", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("start_us", ctypes.c_uint64),
        ("elapsed_us", ctypes.c_uint64),
        ("memory_before", _Memory),
        ("memory_after", _Memory),
        ("index", ctypes.c_uint64),
        ("more", ctypes.c_uint64),
        ("source", ctypes.c_int),
    ]


class _Layout(ctypes.Structure):
    _fields_ = [
        ("rank", ctypes.c_uint, 7),
        ("has_strides", ctypes.c_uint, 1),
        ("dimensions", ctypes.c_int32 * 8),
        ("strides", ctypes.c_uint32 * 8),
    ]


class _TensorType(ctypes.Structure):
    _fields_ = [("element", ctypes.c_int), ("layout", _Layout)]


class _RefusedError(Exception):
    """A call did not succeed."""


class _Library:
    """The shared library, every call checked."""

    def __init__(self) -> None:
        self._functions = ctypes.CDLL(str(Path(ai_edge_litert.__file__).with_name("libLiteRt.so")))

    def call(self, name: str, *arguments: Any) -> None:
        status = getattr(self._functions, name)(*arguments)
        if status:
            raise _RefusedError(f"{name} gave status {status}")

    def make(self, name: str, *arguments: Any) -> _Handle:
        """Call a function that returns a handle through its last argument."""
        handle = _Handle()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle


_NO_RELEASE = ctypes.CFUNCTYPE(None, _Handle)(lambda _: None)


class _Model:
    """A compiled model with its buffers."""

    def __init__(self, path: str, interface: dict[str, Any], threads: int) -> None:
        self._lite = lite = _Library()
        self._texts: list[ctypes.Array[ctypes.c_char]] = []
        self._environment = lite.make("LiteRtCreateEnvironment", 0, None)
        model = lite.make("LiteRtCreateModelFromFile", self._environment, path.encode())
        options = lite.make("LiteRtCreateOptions")
        lite.call("LiteRtSetOptionsHardwareAccelerators", options, _CPU)
        self._add(options, "runtime_options_string", "enable_profiling = true\n")
        self._add(options, "xnnpack", f"num_threads = {threads}\n")
        self._compiled = lite.make("LiteRtCreateCompiledModel", self._environment, model, options)
        self._inputs = self._buffers(interface["inputs"], "Input")
        self._outputs = self._buffers(interface["outputs"], "Output")
        self._profiler = lite.make("LiteRtCompiledModelGetProfiler", self._compiled)

    def run(self) -> None:
        """Run once; the inputs are what the buffers hold."""
        counts = ctypes.c_size_t(len(self._inputs)), ctypes.c_size_t(len(self._outputs))
        self._lite.call(
            "LiteRtRunCompiledModel",
            self._compiled,
            ctypes.c_size_t(0),
            counts[0],
            self._inputs,
            counts[1],
            self._outputs,
        )

    def profile(self) -> tuple[float, list[tuple[str, int, int]]]:
        """Run once and return the wall time and the name, event type and time of every operator, in microseconds."""
        lite, count = self._lite, ctypes.c_int()
        lite.call("LiteRtResetProfiler", self._profiler)
        lite.call("LiteRtStartProfiler", self._profiler)
        begin = time.perf_counter()
        self.run()
        wall = 1e6 * (time.perf_counter() - begin)
        lite.call("LiteRtStopProfiler", self._profiler)
        lite.call("LiteRtGetNumProfilerEvents", self._profiler, ctypes.byref(count))
        events = (_Event * max(count.value, 1))()
        lite.call("LiteRtGetProfilerEvents", self._profiler, count, events)
        wanted = (_XNNPACK_OPERATOR, _INTERPRETER_OPERATOR)
        found = [event for event in events[: count.value] if event.type in wanted]
        return wall, [(_text(event.tag), event.type, event.elapsed_us) for event in found]

    def _add(self, options: _Handle, identifier: str, text: str) -> None:
        buffer = ctypes.create_string_buffer(text.encode())
        self._texts.append(buffer)  # the library reads it later
        pointer = ctypes.cast(buffer, _Handle)
        opaque = self._lite.make("LiteRtCreateOpaqueOptions", identifier.encode(), pointer, _NO_RELEASE)
        self._lite.call("LiteRtAddOpaqueOptions", options, opaque)

    def _buffers(self, tensors: list[dict[str, Any]], side: str) -> ctypes.Array[ctypes.c_void_p]:
        handles = []
        for i, tensor in enumerate(tensors):
            kind = _TensorType(tensor["element"], _Layout(len(tensor["shape"]), 0))
            kind.layout.dimensions[: len(tensor["shape"])] = tensor["shape"]
            place = ctypes.c_size_t(0), ctypes.c_size_t(i)
            needs = self._lite.make(f"LiteRtGetCompiledModel{side}BufferRequirements", self._compiled, *place)
            make = "LiteRtCreateManagedTensorBufferFromRequirements"
            handles.append(self._lite.make(make, self._environment, ctypes.byref(kind), needs))
        return (_Handle * len(handles))(*handles)


def _text(tag: bytes | None) -> str:
    return (tag or b"").decode(errors="replace")


def main(path: str, interface: str, threads: str, runs: str) -> int:
    """Print the events of each run as JSON and return the exit status."""
    try:
        model = _Model(path, json.loads(interface), int(threads))
        for _ in range(_WARM_UPS):
            model.run()
        results = [model.profile() for _ in range(int(runs))]
    except (_RefusedError, AttributeError, OSError) as error:
        sys.stderr.write(str(error))
        return REFUSED
    sys.stdout.write(json.dumps({"xnnpack_type": _XNNPACK_OPERATOR, "runs": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
