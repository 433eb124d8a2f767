"""Products of matrices, compiled: a tile of the result stays in registers while it is summed.

`numba` alone stores and loads every partial sum; so the inner loop is given to LLVM as vectors. Each number is summed
one factor after the other, in their order, so that a row is the same to the bit whatever rows stand beside it. On one
core this is as fast as BLAS for a hundred rows, and for one to sixteen about twice as fast.

The right matrix is held in panels, of `PANEL` columns each: what a tile reads of it stands in one piece.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

Floats = npt.NDArray[np.float32]
LANES: Final = 16 if binding.get_host_cpu_features().get("avx512f") else 8
VECTORS: Final = 2
PANEL: Final = LANES * VECTORS
BYTES: Final = 4
_VECTOR: Final = ir.VectorType(ir.FloatType(), LANES)
_WHOLE: Final = ir.IntType(64)
compiled = njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")


def in_panels(matrix: Floats) -> Floats:
    """Shape (in, out) as (panels, in, `PANEL`), with zeros behind the last column."""
    inner, outer = matrix.shape
    panels = -(-outer // PANEL)
    padded = np.zeros((inner, panels * PANEL), np.float32)
    padded[:, :outer] = matrix
    return np.ascontiguousarray(padded.reshape(inner, panels, PANEL).swapaxes(0, 1))


def _tile(rows: int) -> Any:
    """``into += x @ panel`` for so many rows and one panel; addresses in bytes, steps between rows in floats."""

    @intrinsic
    def tile(typing, x, x_step, panel, into, into_step, depth):  # type: ignore[no-untyped-def]  # noqa: ARG001
        address, number = types.uintp, types.intp

        def lowered(context: Any, build: ir.IRBuilder, _: Any, given: Sequence[Any]) -> Any:
            _write_tile(build, rows, *given)
            return context.get_dummy_value()

        return types.void(address, number, address, address, number, number), lowered

    return tile


def _write_tile(
    build: ir.IRBuilder, rows: int, x: Any, x_step: Any, panel: Any, into: Any, into_step: Any, depth: Any
) -> None:
    """The loop over ``depth``: at each step one vector of factors of each part of the panel, one number of each row."""
    entry, loop, end = build.block, build.append_basic_block("loop"), build.append_basic_block("end")
    lines = [_moved(build, _floats(build, x), x_step, row) for row in range(rows)]
    starts = [_moved(build, _floats(build, into), into_step, row) for row in range(rows)]
    places = [_vectors(build, start) for start in starts]
    begun = [[_loaded(build, place) for place in row] for row in places]
    panel = _floats(build, panel)
    build.branch(loop)

    build.position_at_end(loop)
    k = build.phi(_WHOLE)
    sums = [[build.phi(_VECTOR) for _ in row] for row in begun]
    factors = [_loaded(build, place) for place in _vectors(build, _moved(build, panel, k, PANEL))]
    more = [
        _added(build, build.load(build.gep(line, [k])), factors, row) for line, row in zip(lines, sums, strict=True)
    ]
    following = build.add(k, _WHOLE(1))
    build.cbranch(build.icmp_signed("<", following, depth), loop, end)
    k.add_incoming(_WHOLE(0), entry)
    k.add_incoming(following, loop)
    for phi, before, after in zip(chain(*sums), chain(*begun), chain(*more), strict=True):
        phi.add_incoming(before, entry)
        phi.add_incoming(after, loop)

    build.position_at_end(end)
    for place, value in zip(chain(*places), chain(*more), strict=True):
        build.store(value, place, align=BYTES)


def _added(build: ir.IRBuilder, number: Any, factors: Sequence[Any], sums: Sequence[Any]) -> list[Any]:
    """``sums + number * factors``, rounded once where the processor can."""
    empty, place = ir.Constant(_VECTOR, ir.Undefined), ir.IntType(32)
    first = build.insert_element(empty, number, place(0))
    same = build.shuffle_vector(first, empty, ir.Constant(ir.VectorType(place, LANES), [0] * LANES))
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    multiply_add = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        build.module, kind, f"llvm.fmuladd.v{LANES}f32"
    )
    return [build.call(multiply_add, [same, *pair]) for pair in zip(factors, sums, strict=True)]


def _floats(build: ir.IRBuilder, address: Any) -> Any:
    return build.inttoptr(address, ir.FloatType().as_pointer())


def _moved(build: ir.IRBuilder, start: Any, step: Any, times: int) -> Any:
    return build.gep(start, [build.mul(step, _WHOLE(times))])


def _vectors(build: ir.IRBuilder, start: Any) -> list[Any]:
    """The places of the vectors that make up the row of a tile."""
    places = (build.gep(start, [_WHOLE(number * LANES)]) for number in range(VECTORS))
    return [build.bitcast(place, _VECTOR.as_pointer()) for place in places]


def _loaded(build: ir.IRBuilder, place: Any) -> Any:
    return build.load(place, align=BYTES)


_six, _two, _one = _tile(6), _tile(2), _tile(1)


@compiled
def _add_panel(x, x_step, rows, depth, panel, into, into_step):  # type: ignore[no-untyped-def]
    row = 0
    while row < rows:
        of_x, of_into = x + row * x_step * BYTES, into + row * into_step * BYTES
        if rows - row >= 6:
            _six(of_x, x_step, panel, of_into, into_step, depth)
            row += 6
        elif rows - row >= 2:
            _two(of_x, x_step, panel, of_into, into_step, depth)
            row += 2
        else:
            _one(of_x, x_step, panel, of_into, into_step, depth)
            row += 1


@compiled
def add_product(x, panels, total):  # type: ignore[no-untyped-def]
    """``total += x @ matrix``, of float32.

    Parameters
    ----------
    x : shape (rows, depth)
    panels : shape (panels, at least depth, `PANEL`), each in one piece; of the matrix's columns
    total : shape (rows, columns), at most as many columns as the panels have
    """
    rows, depth = x.shape
    columns = total.shape[1]
    x_step, step = x.strides[0] // BYTES, total.strides[0] // BYTES
    whole = columns // PANEL
    for number in range(whole):
        into = total.ctypes.data + number * PANEL * BYTES
        _add_panel(x.ctypes.data, x_step, rows, depth, panels[number].ctypes.data, into, step)
    if columns % PANEL:
        rest = np.zeros((rows, PANEL), np.float32)
        _add_panel(x.ctypes.data, x_step, rows, depth, panels[whole].ctypes.data, rest.ctypes.data, PANEL)
        for row in range(rows):
            for j in range(columns % PANEL):
                total[row, whole * PANEL + j] += rest[row, j]
