"""The training loop: draw a batch, step, validate, save, and say so in events."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hybench.errors import TrainingError
from hybench.runs import Event, EventLog, Run
from hybench.storage import replacing_file
from hybench.training.checkpoint import LoopState, load_checkpoint, save_checkpoint, save_weights
from hybench.training.learner import Learner, StepResult, Task
from hybench.training.validation import selection_score, validate

_MEBIBYTE = 2**20


class Loop:
    """Trains one student; `events` yields what happens.

    Args:
        task: what to train on what.
        run: where checkpoints, events and the model go; the caller holds its lock.
        log: the run's event log.
        stop: asked after every step; True makes a checkpoint and ends.
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
        self._config = task.config
        self._run = run
        self._log = log
        self._stop = stop
        self._clock = clock
        self._learner = Learner(task)
        self._model = self._learner.model
        self._state = LoopState()
        self._digest = self._config.digest()

    @property
    def state(self) -> LoopState:
        """Where the loop is."""
        return self._state

    @property
    def parameters(self) -> int:
        """Number of trained weights."""
        return self._learner.parameters

    def restore(self) -> None:
        """Go back to the newest checkpoint, if there is one.

        Raises:
            StateError: it is damaged or of another config.
        """
        state = load_checkpoint(
            self._run.checkpoints, self._model, self._learner.optimizer, self._digest
        )
        if state is not None:
            self._state = state

    def events(self) -> Iterator[Event]:
        """Train to the end (or until stopped), yielding every event after logging it.

        Raises:
            TrainingError: the loss is no number.
        """
        config, state = self._config, self._state
        self._model.train()
        while not state.finished:
            begun = self._clock()
            state.step += 1
            result = self._learner.step(state.step)
            self._check_finite(result)
            elapsed = self._clock() - begun
            state.seconds += elapsed
            state.examples += result.examples
            state.tokens += result.tokens
            if state.step % config.log_every == 0:
                yield self._log.append("step", **self._step_values(result, elapsed))
            last = state.step == config.steps
            if self._due(config.validate_every, last):
                yield from self._validate()
            state.finished = last or self._out_of_patience()
            stopping = not state.finished and self._stop()
            if state.finished or stopping or self._due(config.checkpoint_every, last):
                yield self._save_checkpoint()
            if stopping:
                yield self._log.append("interrupted", step=state.step)
                return
        yield self._finish()

    def _due(self, every: int, last: bool) -> bool:
        return every > 0 and (last or self._state.step % every == 0)

    def _out_of_patience(self) -> bool:
        return 0 < self._config.patience <= self._state.without_gain

    def _check_finite(self, result: StepResult) -> None:
        if math.isfinite(result.loss):
            return
        step = self._state.step
        self._log.append("failed", step=step, reason=f"the loss is {result.loss}")
        raise TrainingError(
            f"The loss of run {self._run.name} became {result.loss} at step {step}.",
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
            "examples": state.examples,
            "tokens": state.tokens,
            "examples_per_second": round(result.examples / max(elapsed, 1e-9), 1),
            "tokens_per_second": round(result.tokens / max(elapsed, 1e-9), 1),
            "seconds": round(state.seconds, 3),
            "memory_mb": self._memory(),
        }

    def _memory(self) -> float:
        """Peak memory in MiB: the GPU's where there is one, else the process's."""
        import torch

        if self._task.encoder.device.type == "cuda":
            return round(torch.cuda.max_memory_allocated(self._task.encoder.device) / _MEBIBYTE, 1)
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)

    def _validate(self) -> Iterator[Event]:
        state = self._state
        if not self._task.held_out:
            return
        begun = self._clock()
        scores = [validate(self._task.encoder, held_out) for held_out in self._task.held_out]
        score = selection_score(scores)
        best = state.best_score is None or score > state.best_score
        if best:
            state.best_score, state.best_step, state.without_gain = score, state.step, 0
            self._save_best()
        else:
            state.without_gain += 1
        seconds = self._clock() - begun
        state.seconds += seconds
        names = [held_out.name for held_out in self._task.held_out]
        yield self._log.append(
            "validation",
            step=state.step,
            score=score,
            best=best,
            scores=dict(zip(names, scores, strict=True)),
            seconds=round(seconds, 3),
        )

    @property
    def _best_file(self) -> Path:
        return self._run.checkpoints / "best.safetensors"

    def _save_best(self) -> None:
        with replacing_file(self._best_file) as temporary:
            save_weights(temporary, self._model)

    def _save_checkpoint(self) -> Event:
        begun = self._clock()
        path = save_checkpoint(
            self._run.checkpoints,
            self._model,
            self._learner.optimizer,
            self._state,
            self._digest,
            self._config.keep_checkpoints,
        )
        seconds = round(self._clock() - begun, 3)
        return self._log.append(
            "checkpoint", step=self._state.step, path=path.name, seconds=seconds
        )

    def _finish(self) -> Event:
        """Save the best weights (the last ones without validation) as the run's model."""
        from safetensors.torch import load_file

        state = self._state
        if state.best_score is not None:
            self._model.load_state_dict(load_file(self._best_file))
        self._task.encoder.save(self._run.model)
        return self._log.append(
            "done",
            step=state.step,
            best_step=state.best_step or state.step,
            best_score=state.best_score,
            examples=state.examples,
            tokens=state.tokens,
            seconds=round(state.seconds, 3),
            memory_mb=self._memory(),
        )
