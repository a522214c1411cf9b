"""The folding engine: rules by module class, applied from the root down to a new module tree."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from torch import nn

__all__ = ["fold", "folds", "with_children"]

Rule = Callable[[nn.Module], nn.Module]
ModuleT = TypeVar("ModuleT", bound=nn.Module)

_RULES: dict[type[nn.Module], Rule] = {}


def folds(source: type[ModuleT]) -> Callable[[Callable[[ModuleT], nn.Module]], Callable[[ModuleT], nn.Module]]:
    """Register the decorated function as the rule that folds modules of exactly the class ``source``.

    A rule takes a module in eval mode and returns a new module that computes the same function; it must not change
    its argument and must work in the argument's dtype (proofs fold in float64). It calls :func:`fold` on the children
    that it keeps.

    Raises:
        ValueError: The class has a rule already.
    """

    def register(rule: Callable[[ModuleT], nn.Module]) -> Callable[[ModuleT], nn.Module]:
        if source in _RULES:
            raise ValueError(f"{source.__name__} has a folding rule already")
        _RULES[source] = rule  # type: ignore[assignment]  # keyed by class, so the argument is a ModuleT
        return rule

    return register


def fold(module: nn.Module) -> nn.Module:
    """Return a new module tree with every foldable structure folded; ``module`` is left intact."""
    rule = _RULES.get(type(module))
    if rule is not None:
        return rule(module)
    return with_children(module, {name: fold(child) for name, child in module.named_children()})


def with_children(module: ModuleT, children: dict[str, nn.Module]) -> ModuleT:
    """Return a copy of ``module`` that owns clones of its direct parameters and buffers, and has these children."""
    clone = copy.copy(module)
    clone.__dict__ = dict(module.__dict__)
    clone._parameters = {
        name: None if value is None else nn.Parameter(value.detach().clone(), value.requires_grad)
        for name, value in module._parameters.items()
    }
    clone._buffers = {name: None if v is None else v.detach().clone() for name, v in module._buffers.items()}
    clone._modules = dict(children)
    clone._forward_hooks = OrderedDict()
    clone._forward_pre_hooks = OrderedDict()
    return clone
