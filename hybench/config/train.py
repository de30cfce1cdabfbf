"""The config of a training: one frozen dataclass, complete in ``config.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from hybench.config import choices
from hybench.config.alpha import FORMS, AlphaSchedule, alpha_schedule
from hybench.config.consistency import check_together
from hybench.config.lists import PER_QUERY, SCORE_SCALES
from hybench.config.ranges import check_numbers
from hybench.encoders.kinds import WAYS, Defaults, Shape
from hybench.encoders.named import defaults_of, run_model
from hybench.encoders.options import ATTENTIONS, POOLINGS, EncoderOptions
from hybench.encoders.precision import PRECISIONS
from hybench.errors import UsageError
from hybench.files.documents import sha256_json
from hybench.objectives import OBJECTIVES
from hybench.values.checks import flag, once, one_of
from hybench.values.languages import stored_code, stored_codes
from hybench.values.options import option
from hybench.values.typed import check_types, given_fields
from hybench.values.weights import set_names


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a training computes.

    Each field's ``help`` metadata documents it; the command line shows the same text. Prefixes and
    lengths that are None and a batch size, temperature or learning rate of 0 mean the encoder's own
    (`hybench.encoders.kinds.Defaults`), filled in by `resolved`. Where they are still None then,
    they are those of a checkpoint's files. No steps leave the encoder as it is.
    """

    data: tuple[str, ...] = option(
        "Data sets to train on, drawn in proportion to their pairs; SET:2 twice as often.", ()
    )
    strategy: str = option(
        "hybrid: contrastive batches; distill: match a teacher.", "hybrid", choices.STRATEGIES
    )
    alpha: float = option("Share of monolingual batches: 1 is X-X, 0 is X-Y.", 0.5)
    alpha_schedule: str | None = option(f"How alpha changes: {FORMS}.", None)
    mixing: str = option(
        "Whether mono or cross is drawn per batch or per example.", "batch", choices.MIXINGS
    )
    objective: str = option("What the student matches (distill).", "mse", OBJECTIVES)
    teacher: str = option("Directory or hub id of the teacher; empty: train an English one.", "")
    teacher_query_prefix: str | None = option("Prefix of the teacher's queries.", None)
    teacher_passage_prefix: str | None = option("Prefix of the teacher's passages.", None)
    teacher_pooling: str | None = option("Pooling of the teacher.", None, POOLINGS)
    teacher_length: int | None = option("Maximum length of the teacher's texts, in tokens.", None)
    more_teachers: tuple[str, ...] | None = option(
        "Teachers whose scores are averaged with those of --teacher.", None
    )
    teacher_reads: str | None = option(
        "What the teacher reads: each pair in English, or each text in its own language.",
        None,
        choices.TEACHER_READS,
    )
    teacher_temperature: float | None = option(
        "Divisor of the teacher's cosines in its softmax, if not --temperature.", None
    )
    distillation_scale: str | None = option(
        "Scale of a loss with a softmax: as it is, or times the student's temperature squared.",
        None,
        choices.DISTILLATION_SCALES,
    )
    distillation_weight: float | None = option(
        "Weight of distillation where the contrastive loss is added to it.", None
    )
    contrastive_weight: float = option("Weight of the contrastive loss added to distillation.", 0.0)
    hard_negatives: tuple[str, ...] | None = option(
        "Negatives of hybench mine, by name or folder, for the contrastive loss.", None
    )
    negatives_per_query: int | None = option(
        f"Hard negatives of each query in a batch, drawn by seed and step; by default {PER_QUERY}.",
        None,
    )
    teacher_scores: tuple[str, ...] | None = option(
        "Files or mined negatives with a teacher's scores, averaged over them (distill).", None
    )
    teacher_score_scale: str | None = option(
        "Scale of each file's scores before they are averaged; by default raw for one file, "
        "minmax for several.",
        None,
        SCORE_SCALES,
    )
    languages: tuple[str, ...] = option("Training languages; empty: all of the data.", ())
    language_temperature: float | None = option(
        "Languages, and ordered pairs of them, are drawn in proportion to n^τ, n being their "
        "training pairs; 0: all alike.",
        None,
    )
    pivot: str = option("Train only on pairs that exist in this language too; distill: en.", "")
    scarce: tuple[str, ...] = option(
        "Languages with only a share of their training pairs (--share).", ()
    )
    share: float = option(
        "Share of their pairs, drawn by seed; a smaller share is a subset of a larger one.", 1.0
    )
    encoder: str = option("Encoder by name, or a checkpoint's directory or hub id.", "static")
    dimension: int = option("Vector dimension of an encoder from scratch.", 256)
    vocabulary: int = option("Vocabulary size of an encoder from scratch, in tokens.", 16_384)
    query_prefix: str | None = option("Prefix of every query.", None)
    passage_prefix: str | None = option("Prefix of every passage.", None)
    query_length: int | None = option("Maximum query length, in tokens.", None)
    passage_length: int | None = option("Maximum passage length, in tokens.", None)
    pooling: str | None = option(
        "Pooling of a checkpoint, if not its own: the mean, the first or the last token.",
        None,
        POOLINGS,
    )
    init: str | None = option(
        "What training begins with: a run's model, or (static) a model to make the encoder from.",
        None,
    )
    first_batch: int | None = option("Batches of the seed to pass over, as later stages do.", None)
    layers: int | None = option("Only the first layers of a checkpoint.", None)
    freeze: str | None = option(
        "Weights to keep: embeddings, or a number for these and as many layers.", None
    )
    lora: int | None = option("Rank of a LoRA adapter to train instead of the weights.", None)
    attention: str | None = option(
        "Implementation of attention; flash needs flash-attn and a GPU.", None, ATTENTIONS
    )
    gradient_checkpointing: bool | None = option(
        "Compute activations again instead of keeping them: less memory, more time.", None
    )
    compile: bool | None = option("Compile the transformer (torch.compile).", None)
    seed: int = option("Seed of weights, batches and dropout.", 0)
    steps: int = option("Optimiser steps.", 600)
    examples: int | None = option(
        "Pairs to show, repeats counted; replaces --steps, which follow from it.", None
    )
    batch_size: int = option(
        "Pairs per batch, each other's negatives; 0: the encoder's default.", 0
    )
    accumulation: int = option("Batches whose gradients are added up for one step.", 1)
    chunk_size: int = option(
        "Pairs embedded at a time, for batches larger than memory; 0: the whole batch.", 0
    )
    temperature: float = option(
        "Divisor of the cosines in every softmax; 0: the encoder's default.", 0.0
    )
    learning_rate: float = option("Peak learning rate of AdamW; 0: the encoder's default.", 0.0)
    optimizer: str | None = option(
        "lazy-adamw: adamw for large vocabularies; updates without a gradient are deferred.",
        None,
        choices.OPTIMIZERS,
    )
    schedule: str = option("Learning-rate schedule.", "linear", choices.SCHEDULES)
    warmup: float = option("Share of the steps in which the learning rate rises.", 0.1)
    layer_decay: float | None = option(
        "Factor of the learning rate for each layer further from the output.", None
    )
    weight_decay: float = option("AdamW's decoupled weight decay.", 0.01)
    clip: float = option("Maximum gradient norm; 0 disables clipping.", 1.0)
    precision: str = option("fp32, or autocast (fp16: GPU only).", "fp32", PRECISIONS)
    validation: str = option(
        "Set whose dev split chooses the checkpoint; empty: the training sets.", ""
    )
    validate_every: int = option("Steps between validations; 0: never.", 100)
    patience: int = option("Validations without a better score before stopping; 0: never.", 0)
    checkpoint_every: int = option("Steps between checkpoints; 0: only at the end.", 200)
    keep_checkpoints: int = option("Number of checkpoints to keep.", 2)
    log_every: int = option("Steps between training events.", 1)

    def __post_init__(self) -> None:
        """Check all values that can be checked without data; languages get their stored codes.

        Raises:
            UsageError: naming the flag, the value and what is allowed.
        """
        check_types(self)
        for name in ("languages", "scarce"):
            object.__setattr__(self, name, stored_codes(getattr(self, name)))
            once(flag(name), getattr(self, name))
        object.__setattr__(self, "pivot", stored_code(self.pivot))
        for item in fields(self):
            choices, value = item.metadata["choices"], getattr(self, item.name)
            if choices and value is not None:
                one_of(flag(item.name), value, choices)
        check_numbers(vars(self))
        once("teachers", self.teachers)
        once("--data", set_names(self.data))
        check_together(vars(self), lambda: self.shape, self.needs)

    @property
    def needs(self) -> str:
        """The language that every training pair must exist in; empty for none."""
        reads_english = self.has_teacher and self.teacher_reads != "own"
        return choices.TEACHER_LANGUAGE if reads_english else self.pivot

    @property
    def has_teacher(self) -> bool:
        """Whether a teacher encodes texts; not where its scores are read."""
        return self.strategy == "distill" and not self.teacher_scores

    @property
    def teachers(self) -> tuple[str, ...]:
        """The teachers that are named."""
        return (*([self.teacher] if self.teacher else ()), *(self.more_teachers or ()))

    @property
    def schedule_of_alpha(self) -> AlphaSchedule:
        """`alpha_schedule`, read."""
        return alpha_schedule(self.alpha_schedule)

    @property
    def shape(self) -> Shape:
        """The shape of an encoder that is made here."""
        own, defaults = self._values_of(Shape), self._own_defaults()
        for name in ("query_length", "passage_length"):
            own[name] = own[name] or getattr(defaults, name)
        return Shape(**own)

    def _own_defaults(self) -> Defaults:
        """The encoder's defaults.

        Raises:
            UsageError: there is no such checkpoint.
        """
        return defaults_of(self.encoder, self.init)

    @property
    def encoder_options(self) -> EncoderOptions:
        """How the student is used where it is not its own way."""
        return EncoderOptions(**self._values_of(EncoderOptions))

    def _values_of(self, kind: type[Shape | EncoderOptions]) -> dict[str, Any]:
        """The fields of another dataclass that are fields of the config."""
        return {item.name: getattr(self, item.name) for item in fields(kind)}

    @property
    def teacher_options(self) -> EncoderOptions:
        """How the teacher is used where it is not its own way."""
        return EncoderOptions(
            query_prefix=self.teacher_query_prefix,
            passage_prefix=self.teacher_passage_prefix,
            query_length=self.teacher_length,
            passage_length=self.teacher_length,
            pooling=self.teacher_pooling,
        )

    @property
    def asked(self) -> TrainConfig:
        """The same config without the steps that follow from `examples` and the data."""
        return self if self.examples is None else replace(self, steps=TrainConfig.steps)

    def resolved(self) -> TrainConfig:
        """The same config with the encoder's defaults filled in."""
        defaults = asdict(self._own_defaults())
        missing = {
            name: value for name, value in defaults.items() if getattr(self, name) in {None, 0}
        }
        if run_model(self.init) is not None:  # texts are treated as that model treats them
            missing = {name: value for name, value in missing.items() if name not in WAYS}
        return replace(self, **missing)

    def to_toml(self) -> dict[str, Any]:
        """The config as TOML values; fields that are None are omitted."""
        return {
            "kind": "train",
            **{
                name: list(value) if isinstance(value, tuple) else value
                for name, value in asdict(self).items()
                if value is not None
            },
        }

    @classmethod
    def from_toml(cls, values: Mapping[str, Any], where: str) -> TrainConfig:
        """Build a config from TOML values.

        Raises:
            UsageError: an unknown field, a value of the wrong type, or one out of range.
        """
        own = {key: value for key, value in values.items() if key != "kind"}
        given = given_fields(cls, own, where)
        try:
            return cls(**given)
        except UsageError as error:
            raise UsageError(f"{where}: {error.what}", error.do) from error

    def digest(self, *names: str) -> str:
        """SHA-256 over the named fields, or over all of them."""
        values = self.to_toml()
        return sha256_json({name: values.get(name) for name in names} if names else values)
