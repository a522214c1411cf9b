"""The rewriting engine: rules by module class that keep the function and please phone runtimes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

import torch
from torch import Tensor, nn

from edgevit.reparam.difference import relative_difference
from edgevit.reparam.fold import with_children

__all__ = ["Application", "Rewrite", "Target", "all_rewrites", "rewrite", "rewrites"]

Shape = tuple[int, ...]
Rule = Callable[[nn.Module, Shape], nn.Module]
ModuleT = TypeVar("ModuleT", bound=nn.Module)


class Target(StrEnum):
    """The file format that a network is adapted for."""

    COREML = "coreml"
    TFLITE = "tflite"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rewrite: every module of class ``source`` becomes ``build(module, input_shape)``.

    Attributes:
        name: Kebab-case name, unique with ``source``; ``--skip-rewrite NAME`` leaves it out.
        reason: Why phones want it, in one sentence, with the document that says so.
        target: The only format that gains from it; None where every phone does.
        when: Which modules of the class it is for.
    """

    name: str
    reason: str
    source: type[nn.Module]
    build: Rule
    target: Target | None = None
    when: Callable[[nn.Module], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Application:
    """One place where a rewrite was applied, and its relative error there in the run's own precision."""

    rewrite: Rewrite
    path: str
    max_rel_error: float


_REWRITES: list[Rewrite] = []


def rewrites(
    source: type[ModuleT],
    *,
    name: str,
    reason: str,
    target: Target | None = None,
    when: Callable[[ModuleT], bool] = lambda _: True,
) -> Callable[[Callable[[ModuleT, Shape], nn.Module]], Callable[[ModuleT, Shape], nn.Module]]:
    """Register the decorated function as a rewrite of modules of exactly the class ``source``; see :class:`Rewrite`.

    The function takes the module and the shape of its first input (batch 1, concrete), and returns a new module with
    the same signature that computes the same function; it must not change its argument. Rewrites of one class apply
    in the order of registration; a rewrite of a whole network applies before those of its children.
    """

    def register(build: Callable[[ModuleT, Shape], nn.Module]) -> Callable[[ModuleT, Shape], nn.Module]:
        if any(r.name == name and r.source is source for r in _REWRITES):
            raise ValueError(f"rewrite {name} of {source.__name__} is registered already")
        applies = cast("Callable[[nn.Module], bool]", when)
        _REWRITES.append(Rewrite(name, reason, source, cast("Rule", build), target, applies))
        return build

    return register


def all_rewrites() -> tuple[Rewrite, ...]:
    """Return every registered rewrite, in order of registration."""
    return tuple(_REWRITES)


def rewrite(
    module: nn.Module, example: Tensor, *, skip: Collection[str] = (), target: Target = Target.COREML
) -> tuple[nn.Module, tuple[Application, ...]]:
    """Return a new module tree with all rewrites applied, each checked on the input that it gets in this network.

    Args:
        module: Folded network in eval mode; left intact.
        example: Input (1, 3, H, W) in the module's dtype; float64 makes the check a proof.
        skip: Names of rewrites to leave out.
        target: The format that the network is adapted for.
    """
    rules = [rule for rule in _REWRITES if rule.target in (None, target) and rule.name not in skip]
    walk = _Walk(rules)
    return walk.rewrite(module, "", (example,)), tuple(walk.applications)


class _Walk:
    """One pass over a module tree, root first: a rule of a whole network may create what rules below it match."""

    def __init__(self, rules: Sequence[Rewrite]) -> None:
        self.rules = rules
        self.applications: list[Application] = []

    def rewrite(self, module: nn.Module, path: str, inputs: tuple[Tensor, ...]) -> nn.Module:
        """Apply the rules of ``module`` itself, then those of its descendants on what they get from it."""
        for rule in self.rules_of(module):
            replacement = rule.build(module, tuple(inputs[0].shape)).eval()
            self.applications.append(Application(rule, path, _difference(module, replacement, inputs)))
            module = replacement
        return self.descend(module, path, "", self.calls_with_rules(module, inputs))

    def descend(self, module: nn.Module, path: str, relative: str, calls: dict[str, tuple[Tensor, ...]]) -> nn.Module:
        """Return ``module`` with rewritten descendants; ``calls`` is keyed by the path below the last rewrite."""
        children: dict[str, nn.Module] = {}
        for name, child in module.named_children():
            below, full = _join(relative, name), _join(path, name)
            if below in calls:
                children[name] = self.rewrite(child, full, calls[below])
            else:
                children[name] = self.descend(child, full, below, calls)
        return with_children(module, children)

    def rules_of(self, module: nn.Module) -> list[Rewrite]:
        return [rule for rule in self.rules if rule.source is type(module) and rule.when(module)]

    @torch.no_grad()
    def calls_with_rules(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, tuple[Tensor, ...]]:
        """Return, by path, the arguments of the first call of every descendant that has a rule, from one run."""
        calls: dict[str, tuple[Tensor, ...]] = {}
        handles = []
        for name, child in module.named_modules():
            if not name or not self.rules_of(child):
                continue

            def record(_: nn.Module, args: tuple[Tensor, ...], name: str = name) -> None:
                calls.setdefault(name, args)

            handles.append(child.register_forward_pre_hook(record))
        if not handles:
            return calls
        try:
            module(*inputs)
        finally:
            for handle in handles:
                handle.remove()
        return calls


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@torch.no_grad()
def _difference(source: nn.Module, replacement: nn.Module, inputs: tuple[Tensor, ...]) -> float:
    return relative_difference(source(*inputs), replacement(*inputs))
