"""What the READMEs of both phones' projects say alike: the model, where its numbers come from, what was verified."""

from __future__ import annotations

from edgevit.sdk.config import SdkContent
from edgevit.sdk.markdown import code, table
from edgevit.types import Cost

__all__ = ["UNTRAINED", "facts", "join", "model_section", "notes", "number_format", "proof_section"]

UNTRAINED = (
    "> **UNTRAINED WEIGHTS. This model's numbers are random: its predictions mean nothing.** It is good for trying "
    "the integration and for measuring speed and size. Build it again with `--weights` and a trained checkpoint "
    "before you show a prediction to anyone."
)


def join(parts: list[str]) -> str:
    """Return the parts that have text, a blank line between them."""
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def model_section(content: SdkContent, platform: list[tuple[str, str]]) -> str:
    """Return the section about the model: what is the same for all phones, then ``platform``'s rows."""
    digest = ("SHA-256 of the model", code(content.artifact.sha256))
    return f"## The model\n\n{table(('', ''), [*facts(content), *platform, digest])}"


def facts(content: SdkContent) -> list[tuple[str, str]]:
    """Return name and value of what does not depend on the phone."""
    spec, weights = content.spec, content.weights
    height, width = spec.input_size
    return [
        ("Architecture", f"{spec.title}, {spec.params / 1e6:.1f} M parameters, {spec.macs / 1e9:.2f} G multiply-adds"),
        ("Paper", spec.paper),
        ("Input", f"{width} x {height} RGB"),
        ("Output", _output(content)),
        ("Weights", f"{weights.kind}: {code(weights.source)}"),
        ("Licence of the weights", _licence(content)),
        ("Licence of the official code", code(spec.licence)),
    ]


def number_format(content: SdkContent) -> str:
    """Return what the numbers of the file are."""
    report, precision = content.quantization, content.artifact.precision.value
    return precision if report is None else f"{report.scheme} in {report.encoded} layers, {precision} elsewhere"


def _licence(content: SdkContent) -> str:
    if content.weights.licence:
        return code(content.weights.licence)
    return "yours: ask whoever trained them" if content.weights.trained else "none: they are random numbers"


def _output(content: SdkContent) -> str:
    if content.labels:
        return f"{content.head.value} of {len(content.labels)} classes, named in {code('labels.txt')}"
    return f"{content.head.value}: {', '.join(code(name) for name in content.outputs)}"


def notes(content: SdkContent) -> str:
    """Return what the user should know about how the file was made, as a list."""
    lines = [*content.artifact.notes, *([code(content.weights.note)] if content.weights.note else [])]
    return "\n".join(f"- {line}" for line in lines)


def proof_section(content: SdkContent, project: str) -> str:
    """Return the section about fidelity; ``project`` is what the folder is called."""
    verdict = content.verdict
    rows = [
        ("PSNR against PyTorch, lowest of the photographs", f"{verdict.psnr_db:.1f} dB"),
        ("Cosine similarity, lowest", f"{verdict.cosine:.7f}"),
        ("Same most probable class", f"{verdict.top1_agreement:.0%} of the inputs"),
    ]
    if verdict.cost is not None:
        rows = [(f"{name}, against the same codes", value) for name, value in rows]
        rows += _cost_rows(content, verdict.cost)
    if verdict.graph_max_rel is not None:
        rows.insert(0, ("Float32 twin against PyTorch, relative", f"{verdict.graph_max_rel:.1e}"))
    text = (
        f"The file in this {project} was read back from the disk and run by {verdict.runtime} against PyTorch. "
        "A phone's processors round in their own ways: this bounds the file, not the chip."
    )
    return f"## What was verified\n\n{text}\n\n{table(('Figure', 'Value'), rows)}"


def _cost_rows(content: SdkContent, cost: Cost) -> list[tuple[str, str]]:
    """Return what quantization changed, on the photographs and on the images that it was measured with."""
    report = content.quantization
    rows = [("Cost of quantization on the photographs, lowest PSNR", f"{cost.psnr_db:.1f} dB")]
    if report is not None:
        rows += [
            ("Scheme", f"{report.scheme}: {report.encoded} layers, {report.bytes_stored / 1e6:.2f} MB of weights"),
            ("Same most probable class as before quantization", f"{report.agreement:.1%} of {code(report.images)}"),
        ]
    return rows
