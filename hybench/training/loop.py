"""The training loop: draw a batch, step, validate, save, and log events."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hybench.encoders.arithmetic import Work
from hybench.errors import DivergedError, TrainingError
from hybench.runs.energy import EnergyMeter
from hybench.runs.events import Event, EventLog
from hybench.runs.run import Run
from hybench.training.alarms import alarms
from hybench.training.alphas import decided
from hybench.training.best import BestWeights
from hybench.training.checkpoint import LoopState, load_checkpoint, save_checkpoint
from hybench.training.learner import Learner, StepResult, Task
from hybench.training.memory import explain_out_of_memory, peak_memory
from hybench.training.validation import Scores, language_scores, selection_score, validate

if TYPE_CHECKING:
    import torch


class Loop:
    """Trains one student; `events` yields its events.

    Args:
        task: the student, its data and its config.
        run: where checkpoints, events and the model go; the caller holds its lock.
        log: the run's event log.
        stop: called after every step; True saves a checkpoint and ends.
        clock: seconds, for throughput.
    """

    def __init__(
        self,
        task: Task,
        run: Run,
        log: EventLog,
        stop: Callable[[], bool],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._task = task
        self._config, self._run = task.config, run
        self._log = log
        self._group = task.group
        self._validates = self._group.broadcast(bool(task.held_out))
        self._stop = stop
        self._clock = clock
        self._learner = Learner(task)
        self._model = self._learner.model
        self._best = BestWeights(run.checkpoints / "best.safetensors")
        self._state = LoopState()
        self._digest = self._config.digest()
        self._energy = EnergyMeter(str(task.encoder.device), clock)

    @property
    def state(self) -> LoopState:
        """The state of the loop."""
        return self._state

    @property
    def parameters(self) -> int:
        """Number of trained weights."""
        return self._learner.parameters

    def restore(self) -> None:
        """Restore the newest checkpoint, if there is one.

        Raises:
            StateError: it is damaged or of another config.
        """
        with self._group.leader_first():  # it removes incomplete checkpoints
            state = load_checkpoint(
                self._run.checkpoints, self._model, self._learner.optimizer, self._digest
            )
        if state is not None:
            self._state = state
            self._learner.scaler.load_state_dict(state.scaler)
            self._learner.decide(state.alphas)

    def events(self) -> Iterator[Event]:
        """Train to the end (or until stopped), yielding every event after logging it.

        Raises:
            TrainingError: the loss, the gradient or the weights are no longer finite, or there is
                too little memory. The checkpoints are kept, and the last event is ``failed``.
        """
        try:
            with explain_out_of_memory(self._config, f"the training of run {self._run.name}"):
                yield from self._steps()
        except TrainingError as error:
            more = {"diverged": True} if isinstance(error, DivergedError) else {}
            self._log.append("failed", step=self._state.step, reason=error.what, **more)
            raise

    def _steps(self) -> Iterator[Event]:
        config, state = self._config, self._state
        state.finished = state.finished or config.steps == 0  # the encoder as it is
        self._model.train()
        while not state.finished:
            begun = self._clock()
            state.step += 1
            result = self._learner.step(state.step)
            elapsed = self._clock() - begun
            self._check_result(result, elapsed)
            state.seconds += elapsed
            state.examples += result.examples
            state.beside += result.beside
            state.tokens += result.tokens
            state.squares += result.squares
            state.scores += result.scores
            if state.step % config.log_every == 0:
                yield self._log.append("step", **self._step_values(result, elapsed))
            last = state.step == config.steps
            if self._due(config.validate_every, last):
                yield from self._validate()
            state.finished = last or self._out_of_patience()
            stopping = not state.finished and self._group.any(self._stop())
            if state.finished or stopping or self._due(config.checkpoint_every, last):
                yield from self._save_checkpoint()
            if stopping:
                yield self._log.append("interrupted", step=state.step)
                return
        yield from self._finish()

    def _due(self, every: int, last: bool) -> bool:
        return every > 0 and (last or self._state.step % every == 0)

    def _out_of_patience(self) -> bool:
        return 0 < self._config.patience <= self._state.without_gain

    def _check_result(self, result: StepResult, elapsed: float) -> None:
        """Check that a step's numbers are finite; a step with others is logged, so that curves show
        it.
        """
        # fp16 overflows now and then: the step is skipped, and later ones scale the loss less.
        lost = not math.isfinite(result.gradient_norm) and result.loss_scale <= 1
        if lost or not math.isfinite(result.loss):
            self._log.append("step", **self._step_values(result, elapsed))
        if not math.isfinite(result.loss):
            raise self._no_number("loss", f"{result.loss}")
        if lost:
            raise self._no_number("gradient", f"{result.gradient_norm}")

    def _check_weights(self) -> None:
        """Check that the weights are finite, before they are scored or saved."""
        if not all(_all_finite(value.detach()) for value in self._model.parameters()):
            raise self._no_number("weights", "infinite or nan")

    def _no_number(self, what: str, value: str) -> DivergedError:
        return DivergedError(
            f"The {what} of run {self._run.name} became {value} at step {self._state.step}.",
            "Lower --learning-rate, raise --temperature or --warmup; the last checkpoint is kept.",
        )

    def _step_values(self, result: StepResult, elapsed: float) -> dict[str, Any]:
        state = self._state
        return {
            "step": state.step,
            "loss": result.loss,
            **{f"loss_{kind}": value for kind, value in result.losses.items()},
            "batch_kind": result.batch_kind,
            "lr": result.learning_rate,
            "grad_norm": result.gradient_norm,
            **({"loss_scale": result.loss_scale} if self._config.precision == "fp16" else {}),
            "examples": state.examples,
            "tokens": state.tokens,
            "examples_per_second": round(result.examples / max(elapsed, 1e-9), 1),
            "tokens_per_second": round(result.tokens / max(elapsed, 1e-9), 1),
            "seconds": round(state.seconds, 3),
            "memory_mb": peak_memory(self._task.encoder.device),
        }

    def _validate(self) -> Iterator[Event]:
        state = self._state
        if not self._validates:
            return
        begun = self._clock()
        self._learner.settle()
        self._check_weights()
        # Only the leader has the validation sets.
        validations = self._group.broadcast(
            {each.name: validate(self._task.encoder, each) for each in self._task.held_out}
        )
        scores = {name: item.scores for name, item in validations.items()}
        score = selection_score(list(scores.values()))
        best = state.best_score is None or score > state.best_score
        if best:
            state.best_score, state.best_step, state.without_gain = score, state.step, 0
            if self._group.leads:
                self._best.take(self._model)
        else:
            state.without_gain += 1
        state.cosines.append(sum(item.cosine for item in validations.values()) / len(validations))
        for language, value in language_scores(list(scores.values())).items():
            state.language_scores.setdefault(language, []).append(value)
        seconds = self._clock() - begun
        state.seconds += seconds
        yield self._log.append(
            "validation",
            step=state.step,
            score=score,
            best=best,
            scores=scores,
            cosine=state.cosines[-1],
            seconds=round(seconds, 3),
        )
        if self._config.schedule_of_alpha.kind == "dev":
            yield self._decide_alpha(list(scores.values()))
        for alarm in alarms(state.cosines, state.language_scores):
            yield self._log.append("alarm", step=state.step, **alarm.to_event())

    def _decide_alpha(self, scores: Sequence[Scores]) -> Event:
        """Let the scores of a validation decide the α of the steps until the next one."""
        self._state.alphas.append((self._state.step, decided(scores)))
        self._learner.decide(self._state.alphas)
        return self._log.append("alpha", step=self._state.step, alpha=self._state.alphas[-1][1])

    def _save_checkpoint(self) -> Iterator[Event]:
        begun = self._clock()
        if self._state.finished:
            self._learner.settle()  # these are the last weights
        self._check_weights()
        self._learner.check_same(self._state.step)
        if not self._group.leads:
            return
        self._state.best_sha256 = self._best.save() or self._state.best_sha256
        self._state.scaler = self._learner.scaler.state_dict()
        self._take_energy()
        path = save_checkpoint(
            self._run.checkpoints,
            self._model,
            self._learner.optimizer,
            self._state,
            self._digest,
            self._config.keep_checkpoints,
        )
        seconds = round(self._clock() - begun, 3)
        yield self._log.append("checkpoint", step=self._state.step, path=path.name, seconds=seconds)

    def _take_energy(self) -> None:
        """Add the energy since the last time; that of other processes is not known."""
        taken = self._energy.take()
        if taken is not None and self._group.size == 1:
            self._state.joules = (self._state.joules or 0.0) + taken

    def _flops(self) -> int | None:
        """Operations of all steps; None if an older build's checkpoint lacks what they are from."""
        state = self._state
        if state.tokens and not state.squares:
            return None
        work = Work(2 * state.examples + state.beside, state.tokens, state.squares)
        return self._learner.operations(work, state.scores)

    def _finish(self) -> Iterator[Event]:
        """Save the best weights (the last ones without validation) as the run's model."""
        self._learner.settle()
        with self._group.leader_first():  # the others may read its files
            if self._group.leads:
                yield self._save_model()

    def _save_model(self) -> Event:
        state = self._state
        self._take_energy()
        if state.best_score is not None:
            self._best.load_into(self._model, state.best_sha256)
        self._task.encoder.save(self._run.model)
        self._run.note_model()
        return self._log.append(
            "done",
            step=state.step,
            best_step=state.best_step or state.step,
            best_score=state.best_score,
            examples=state.examples,
            tokens=state.tokens,
            exposure=self._learner.exposure(state.step).to_event(),
            seconds=round(state.seconds, 3),
            memory_mb=peak_memory(self._task.encoder.device),
            flops=self._flops(),
            joules=None if state.joules is None else round(state.joules, 3),
            power=self._energy.source,
        )


def _all_finite(values: torch.Tensor) -> bool:
    """Whether no value is infinite or NaN; both ends of the values are NaN if one of them is."""
    if not values.numel():
        return True
    low, high = values.aminmax()  # 30 times as fast as to look at each of them by `isfinite`
    return bool(low.isfinite() & high.isfinite())
