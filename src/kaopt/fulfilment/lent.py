# mypy: disable-error-code="misc, no-untyped-call, no-untyped-def, untyped-decorator, no-any-return, override"
"""The state as loops see it: lent to them by Python, so that no reading of a field has to count references.

Counting takes about 10 ns for every field, row and call, which was a third of all time. Python holds the state while a
loop runs and the state its arrays, so that all that is asked of a loop is not to use an array any longer that it has
just replaced by a larger one.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.extending import (
    NativeValue,
    box,
    infer_getattr,
    lower_cast,
    lower_getattr_generic,
    lower_setattr_generic,
    register_model,
    unbox,
)
from numba.core.typing.templates import AttributeTemplate
from numba.experimental import structref


@structref.register
class StateType(types.StructRef):
    """Numba's type of a state as Python holds it: it counts references to its arrays."""


class State(structref.StructRefProxy):
    """One replication: passed to the loops by reference, which costs next to nothing."""

    @classmethod
    def _numba_box_(cls, kind: StateType, held: Any) -> Any:
        """As numba makes it, but of the type by which it is lent: so a call finds its loop in a microsecond."""
        return super()._numba_box_(Lent(kind), held)


structref.define_boxing(StateType, State)


class View(types.Array):
    """Numba's type of an array that somebody else holds, and of its rows."""

    def copy(self, dtype=None, ndim=None, layout=None, readonly=None):
        """The type of a part."""
        return View(dtype or self.dtype, self.ndim if ndim is None else ndim, layout or self.layout)

    def can_convert_to(self, typingctx, other):
        """Never to an array that counts."""
        return super().can_convert_to(typingctx, other) if isinstance(other, View) else None


@register_model(View)
class ViewModel(models.StructModel):
    """Laid out like an array, whose first field is here a mere address."""

    def __init__(self, manager: Any, view: View) -> None:
        arrays = models.ArrayModel(manager, types.Array(view.dtype, view.ndim, view.layout))
        fields = list(zip(arrays._fields, arrays._members, strict=True))
        super().__init__(manager, view, [("meminfo", types.voidptr), *fields[1:]])


@lower_cast(types.Array, View)
def look(context: Any, builder: Any, array: Any, view: Any, value: Any) -> Any:
    """A view of an array is the array itself."""
    return value


class Lent(types.Type):
    """Numba's type of a state in a loop: the address of its fields."""

    def __init__(self, owner: StateType) -> None:
        self.owner = owner
        super().__init__("state")  # the names of all fields would stand in the name of every loop


register_model(Lent)(models.OpaqueModel)


@unbox(Lent)
def lend(kind: Lent, state: Any, c: Any) -> NativeValue:
    """The address of the fields."""
    held = c.pyapi.object_getattr_string(state, "_meminfo")
    pointer = types.MemInfoPointer(types.voidptr)
    meminfo = c.unbox(pointer, held).value
    fields = c.context.nrt.meminfo_data(c.builder, meminfo)
    c.context.nrt.decref(c.builder, pointer, meminfo)
    c.pyapi.decref(held)
    return NativeValue(fields)


def fields_of(context: Any, builder: Any, kind: Lent, state: Any) -> Any:
    """The fields at an address."""
    data = kind.owner.get_data_type()
    where = builder.bitcast(state, context.data_model_manager[data].get_value_type().as_pointer())
    return cgutils.create_struct_proxy(data)(context, builder, ref=where)


@infer_getattr
class Fields(AttributeTemplate):
    """What a loop reads of a state is a view."""

    key = Lent

    def generic_resolve(self, kind: Lent, name: str) -> Any:
        """The type of a field."""
        field = kind.owner.field_dict.get(name)
        return field and View(field.dtype, field.ndim, field.layout)


@lower_getattr_generic(Lent)
def read(context: Any, builder: Any, kind: Lent, state: Any, name: str) -> Any:
    """An array as it stands there."""
    return getattr(fields_of(context, builder, kind, state), name)


@lower_setattr_generic(Lent)
def replace(context: Any, builder: Any, signature: Any, args: Any, name: str) -> None:
    """Another array takes its place; the state counts as an owner of it."""
    kind, state = signature.args[0], fields_of(context, builder, signature.args[0], args[0])
    held = kind.owner.field_dict[name]
    before = getattr(state, name)
    context.nrt.incref(builder, held, args[1])
    setattr(state, name, args[1])
    context.nrt.decref(builder, held, before)


@box(View)
def hand_out(view: View, value: Any, c: Any) -> Any:
    """Python may hold an array that it has read for longer than the state: from here on references count."""
    array = types.Array(view.dtype, view.ndim, view.layout)
    c.context.nrt.incref(c.builder, array, value)
    return c.box(array, value)
