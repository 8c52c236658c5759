"""Graded questions as both models answered them: what calibrations are made of and judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jisr.arbiter.calibration import Calibration, Chances, Sample, digest_of
from jisr.arbiter.learning import cross_fitted, enough
from jisr.arbiter.readers import read_all as read_question
from jisr.arbiter.readers.similarity import Vectors
from jisr.bench.answering import Answered
from jisr.bench.graded_rows import GradedRow
from jisr.feature_names import AGREEMENT, SELF_CHECK
from jisr.guard.readers import read_all as read_answer
from jisr.question import TaskKind


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the device's answer and, if the cloud was asked, the cloud's."""

    device: Answered
    cloud: Answered | None
    sample: Sample
    chances: tuple[Chances, Chances] | None = None
    """Before and after the device's answer, by a calibration that did not know the question;
    None: of its kind there is nothing, or too little, to learn from."""

    @property
    def row(self) -> GradedRow:
        """The question."""
        return self.device.row

    @property
    def confidence(self) -> float | None:
        """Probability that the device's answer is right."""
        return self.chances[1].device if self.chances else None

    @property
    def support(self) -> float | None:
        """Probability that the text which is given tells the answer."""
        return self.chances[1].support if self.chances else None


def judged(
    devices: Sequence[Answered],
    clouds: Mapping[str, Answered],
    shipped: Calibration | None = None,
    seed: int = 0,
) -> list[Judged]:
    """Return every question with its chances.

    Args:
        devices: What the device answered.
        clouds: What the cloud answered, by the id of the question.
        shipped: Tells the chances of the questions that it was not made of; the others, or all
            if there is none, are told by tenths, each by what the other nine teach.
        seed: Chooses the tenths.
    """
    samples = [sample_of(device, clouds.get(device.row.id)) for device in devices]
    known = shipped.digests if shipped else frozenset[str]()
    inside = [at for at, it in enumerate(samples) if shipped is None or it.digest in known]
    kinds = enough([samples[at] for at in inside])
    told = [at for at in inside if samples[at].kind in kinds]
    fitted = cross_fitted([samples[at] for at in told], seed)
    chances: dict[int, tuple[Chances, Chances] | None] = dict.fromkeys(inside)
    chances |= zip(told, fitted, strict=True)
    return [
        Judged(
            device,
            clouds.get(device.row.id),
            sample,
            chances[at] if at in chances else _shipped_chances(shipped, sample),
        )
        for at, (device, sample) in enumerate(zip(devices, samples, strict=True))
    ]


def sample_of(device: Answered, cloud: Answered | None, vector: Vectors | None = None) -> Sample:
    """Return a question as calibrations read it.

    Args:
        device: What the device answered.
        cloud: What the cloud did; None: it was not asked.
        vector: Of the question, of length 1; None: nothing makes such vectors here.
    """
    question = device.row.question
    before = read_question(question)
    after = {**before, **read_answer(question, device.answer)}
    looks = {SELF_CHECK: device.self_check, AGREEMENT: device.agreement}
    after |= {name: look for name, look in looks.items() if look is not None}
    return Sample(
        kind=question.kind,
        before=before,
        after=after,
        device_right=device.is_right,
        cloud_right=cloud.is_right if cloud else None,
        digest=digest_of(device.row.prompt),
        is_answerable=bool(device.row.answers),
        vector=vector,
    )


def _shipped_chances(shipped: Calibration | None, sample: Sample) -> tuple[Chances, Chances] | None:
    found = shipped.kinds.get(sample.kind) if shipped else None
    if found is None or sample.kind is TaskKind.OTHER:
        return None
    return found.models.before(sample.before), found.models.after(sample.after)
