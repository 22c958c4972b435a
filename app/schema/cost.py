"""What an operation will cost at most, known before anything of it runs (docs/limits.md).

After the draft of the GraphQL cost directives specification: the *field cost* (the weight of every
field, as often as it may be asked) and the *type cost* (every object that may be answered), in one
sum; but a leaf weighs 1. Each selection is measured once for each type it is made of, so that the
time is linear in the document whatever its fragments do; what depends on variables is kept with the
prepared document as a short list of steps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

from app.errors import BadUserInput
from app.policy.costs import PAGE_ARGUMENT, CostTable, costs
from app.schema.cost_facts import DEFAULT_WEIGHT, FieldCost, field_costs
from app.schema.prepared import Prepared

MOST: Final = 10**9
"""A cost that is larger than this is not told apart from it."""
_DIGITS: Final = 10
"""With the sign; a size has 32 bits."""

_TYPENAME: Final = FieldCost(DEFAULT_WEIGHT)


@dataclass(frozen=True, slots=True)
class Cost:
    """requested: field cost and type cost of the operation, in units of a leaf picked out."""

    requested: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A slicing argument given by a variable; `most` where its value is no size, and the field or
    the variable itself will be refused. default: the operation's own."""

    name: str
    default: object
    most: int


@dataclass(frozen=True, slots=True)
class Step:
    """The place of an amount that is not known before the variables are."""

    place: int


Amount = float | Step
Size = float | Variable
"""Whole numbers, but for the averages of introspection."""


class Costs:
    """The costs of a schema's operations. Raises CostTableError for a list without a size."""

    def __init__(
        self, schema: GraphQLSchema, table: CostTable | None = None, *, page_size_limit: int = 100
    ) -> None:
        self._schema = schema
        self._page_size_limit = page_size_limit
        self._fields = field_costs(schema, table or costs())
        self._kinds = {
            name: frozenset(member.name for member in schema.get_possible_types(kind))
            if is_abstract_type(kind)
            else frozenset((name,))
            for name, kind in schema.type_map.items()
        }

    def of(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> Cost:
        """The cost of an operation of a valid document. Raises BadUserInput if it is too deep."""
        key = ("cost", id(operation))
        form = prepared.kept.get(key)
        if form is None:
            assert prepared.document is not None
            form = prepared.kept[key] = self._form(prepared.document, operation)
        return form if isinstance(form, Cost) else form.cost(variables or {})

    def _form(self, document: DocumentNode, operation: OperationDefinitionNode) -> "Cost | Form":
        measure = _Measure(self, document, operation)
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        try:
            amount, _ = measure.selected(operation.selection_set, root.name, None)
        except RecursionError:
            raise BadUserInput("The document is nested too deeply.") from None
        whole = measure.form.sum(1, [(1, amount)])
        return measure.form if isinstance(whole, Step) else Cost(ceil(whole))

    def field(self, owner: str, name: str) -> FieldCost:
        """The facts of a field; `__typename` has every type."""
        return self._fields.get((owner, name), _TYPENAME)

    def fits(self, owner: str, condition: str) -> bool:
        """Whether an object of the type `owner` is one of the type in a fragment's condition."""
        return owner in self._kinds[condition]

    def most(self, fact: FieldCost) -> int:
        """The largest size that a field takes."""
        return self._page_size_limit if fact.items is None else int(fact.items)


@dataclass(slots=True)
class Form:
    """An operation's cost before its variables are known: sums and maxima, in order.

    A step is whether it is a maximum, a constant, and terms of a factor, the place of a variable
    and the place of an earlier step; place 0 of both is the number 1.
    """

    variables: dict[Variable, int] = field(default_factory=dict)
    steps: list[tuple[bool, float, list[tuple[float, int, int]]]] = field(default_factory=list)

    def cost(self, given: Mapping[str, Any]) -> Cost:
        """The cost with these variables; the last step is the whole."""
        sizes = [1]
        for one in self.variables:
            size = given.get(one.name, one.default)
            sizes.append(size if type(size) is int and 0 < size <= one.most else one.most)
        amounts: list[float] = [1]
        for is_maximum, constant, terms in self.steps:
            parts = [factor * sizes[size] * amounts[place] for factor, size, place in terms]
            amount = max(constant, *parts) if is_maximum else constant + sum(parts)
            amounts.append(min(amount, MOST))
        return Cost(ceil(amounts[-1]))

    def sum(self, constant: float, parts: Iterable[tuple[Size, Amount]]) -> Amount:
        """The constant and the parts, each a size times an amount."""
        return self._step(False, constant, parts)

    def maximum(self, amounts: Iterable[Amount]) -> Amount:
        """The largest of the amounts, 0 of none."""
        return self._step(True, 0, ((1, amount) for amount in amounts))

    def _step(
        self, is_maximum: bool, constant: float, parts: Iterable[tuple[Size, Amount]]
    ) -> Amount:
        terms = []
        for size, amount in parts:
            if not isinstance(size, Variable) and not isinstance(amount, Step):
                known = size * amount
                constant = max(constant, known) if is_maximum else constant + known
            elif amount != 0:
                terms.append(self._term(size, amount))
        if not terms:
            return min(constant, MOST)
        self.steps.append((is_maximum, constant, terms))
        return Step(len(self.steps))

    def _term(self, size: Size, amount: Amount) -> tuple[float, int, int]:
        factor, place = (1, amount.place) if isinstance(amount, Step) else (amount, 0)
        if isinstance(size, Variable):
            return factor, self.variables.setdefault(size, len(self.variables) + 1), place
        return factor * size, 0, place


class _Measure:
    """Measures one operation of a document."""

    def __init__(
        self, costs: Costs, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self.form = Form()
        self._costs = costs
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._defaults = {
            one.variable.name.value: _written(one.default_value)
            for one in operation.variable_definitions or ()
            if isinstance(one.default_value, IntValueNode)
        }
        self._measured: dict[tuple[int, str, str | None], tuple[Amount, Amount]] = {}

    def selected(
        self, selections: SelectionSetNode, owner: str, sized: str | None
    ) -> tuple[Amount, Amount]:
        """What the selections of one object cost; and what each item of its field `sized` costs."""
        key = (id(selections), owner, sized)
        known = self._measured.get(key)
        if known is None:
            once: list[tuple[Size, Amount]] = []
            each: list[tuple[Size, Amount]] = []
            for node in selections.selections:
                self._add(node, owner, sized, once, each)
            known = self.form.sum(0, once), self.form.sum(0, each)
            self._measured[key] = known
        return known

    def _add(
        self,
        node: Any,
        owner: str,
        sized: str | None,
        once: list[tuple[Size, Amount]],
        each: list[tuple[Size, Amount]],
    ) -> None:
        if isinstance(node, FieldNode):
            fact = self._costs.field(owner, node.name.value)
            once.append((1, fact.weight))
            if node.selection_set and fact.objects:
                inside = self._inside(node, fact)
                (each if node.name.value == sized else once).append(
                    (self._items(node, fact), inside)
                )
            return
        part = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(part, InlineFragmentNode | FragmentDefinitionNode)
        if part.type_condition and not self._costs.fits(owner, part.type_condition.name.value):
            return
        of_one, of_each = self.selected(part.selection_set, owner, sized)
        once.append((1, of_one))
        each.append((1, of_each))

    def _inside(self, node: FieldNode, fact: FieldCost) -> Amount:
        """One object that a field answers: itself and its selections, of the costliest type."""
        assert node.selection_set is not None
        page = self._size(node, fact) if fact.sized else 1
        answers = []
        for kind in fact.objects:
            of_one, of_each = self.selected(node.selection_set, kind, fact.sized)
            answers.append(self.form.sum(1, [(1, of_one), (page, of_each)]))
        return answers[0] if len(answers) == 1 else self.form.maximum(answers)

    def _items(self, node: FieldNode, fact: FieldCost) -> Size:
        if fact.first and not fact.sized:
            return self._size(node, fact)
        return 1 if fact.items is None else fact.items

    def _size(self, node: FieldNode, fact: FieldCost) -> Size:
        """How many items the operation asks for; what is no size counts as the largest."""
        most = self._costs.most(fact)
        for argument in node.arguments or ():
            if argument.name.value != PAGE_ARGUMENT:
                continue
            if isinstance(argument.value, VariableNode):
                name = argument.value.name.value
                return Variable(name, self._defaults.get(name, fact.default), most)
            written = _written(argument.value) if isinstance(argument.value, IntValueNode) else 0
            return written if 0 < written <= most else most
        return fact.default or most


def _written(node: IntValueNode) -> int:
    """The number that is written; 0, which is no size, for one beyond every size: an id may have
    more digits than Python reads."""
    return int(node.value) if len(node.value) <= _DIGITS else 0


@cache
def costs_of(schema: GraphQLSchema, *, page_size_limit: int) -> Costs:
    """Worked out once for each schema, which takes as long as a hundred operations."""
    return Costs(schema, page_size_limit=page_size_limit)
