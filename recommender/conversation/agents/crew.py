"""The agents at work: each in a thread of its own, with a time of its own, and none waited for longer."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from recommender.conversation.agents.base import NOTHING, Agent, Brief, TimeIsUpError
from recommender.conversation.agents.complements import Complements
from recommender.conversation.agents.critic import Critic
from recommender.conversation.agents.photo import Photo
from recommender.conversation.agents.search import CatalogueSearch
from recommender.conversation.agents.taste import Taste
from recommender.conversation.agents.value import Value
from recommender.conversation.patience import AGENT_THREAD_NAME, Patience
from recommender.errors import RecommenderError, WriterError
from recommender.text import clean
from schemas.conversation import AgentRun, AgentState, Proposal

AGENTS: Final[tuple[Agent, ...]] = (Taste(), Photo(), CatalogueSearch(), Complements(), Value(), Critic())
MAX_HUNG: Final = 4
"""Threads of one agent that may hang; it is not started again until one of them ends."""
MAX_REASON: Final = 200


class Crew:
    """Agents, and what is known of their threads that never came back. Keep it as long as the shop; thread-safe."""

    def __init__(self, agents: Sequence[Agent] = AGENTS, max_hung: int = MAX_HUNG) -> None:
        self._agents = tuple(agents)
        self._patience = {agent.name: Patience(max_hung=max_hung) for agent in agents}

    def start(self, brief: Brief, begun: float, until: float) -> "Shift":
        """Start every agent; `begun` and `until` are the reply's beginning and the end of their time, monotonic."""
        return Shift([self._job(agent, brief, until) for agent in self._agents], self._patience, begun)

    def settle(self, seconds: float) -> None:
        """Wait a moment for the threads left behind."""
        until = time.monotonic() + seconds
        for patience in self._patience.values():
            patience.settle(max(0.0, until - time.monotonic()))

    def _job(self, agent: Agent, brief: Brief, until: float) -> "_Job":
        now = time.monotonic()
        job = _Job(agent, started=now, due=now + agent.share * max(until - now, 0.0))
        in_time = replace(brief, tools=brief.tools.while_(lambda: time.monotonic() < job.due))
        try:
            self._patience[agent.name].require_writer_back()
            job.start(in_time)
        except (WriterError, RuntimeError) as error:
            job.refusal = str(error)
        return job


@dataclass(slots=True, eq=False)
class _Job:
    agent: Agent
    started: float
    due: float
    thread: threading.Thread | None = None
    proposal: Proposal | None = None
    error: BaseException | None = None
    finished: float | None = None
    refusal: str = ""

    def start(self, brief: Brief) -> None:
        thread = threading.Thread(target=self._work, args=(brief,), name=AGENT_THREAD_NAME, daemon=True)
        thread.start()
        self.thread = thread

    def _work(self, brief: Brief) -> None:
        try:
            self.proposal = Proposal.model_validate(self.agent.propose(brief))
        except BaseException as error:  # noqa: BLE001  # whatever an agent raises ends its own part and nothing else
            self.error = error
        self.finished = time.monotonic()

    def run(self, begun: float) -> AgentRun:
        """How it went, as far as it went; to be asked once it is not waited for any more."""
        finished, proposal, error = self.finished, self.proposal, self.error
        state, reason = AgentState.READY, ""
        if self.thread is None:
            state, reason = AgentState.CANCELLED, self.refusal
        elif finished is None or isinstance(error, TimeIsUpError):
            state, reason, proposal = AgentState.LATE, f"it took longer than {self._budget_ms:.0f} ms", None
        elif error is not None:
            state, reason = AgentState.FAILED, _in_words(error)
        return AgentRun(
            agent=self.agent.name,
            state=state,
            started_ms=_ms(self.started - begun),
            finished_ms=None if finished is None else _ms(finished - begun),
            budget_ms=self._budget_ms,
            proposal=proposal or NOTHING,
            reason=reason,
        )

    @property
    def _budget_ms(self) -> float:
        return _ms(self.due - self.started)


class Shift:
    """The agents of one reply."""

    def __init__(self, jobs: Sequence[_Job], patience: dict[str, Patience], begun: float) -> None:
        self._jobs = jobs
        self._patience = patience
        self._begun = begun

    def collect(self) -> tuple[AgentRun, ...]:
        """What every agent has come to by its own time; those that have not are left behind."""
        runs: dict[str, AgentRun] = {}
        for job in sorted(self._jobs, key=lambda one: one.due):
            if job.thread is not None:
                job.thread.join(max(0.0, job.due - time.monotonic()))
            run = runs[job.agent.name] = job.run(self._begun)
            if job.thread is not None and run.finished_ms is None:
                self._patience[job.agent.name].leave(job.thread, in_time=False)
        return tuple(runs[job.agent.name] for job in self._jobs)


def _ms(seconds: float) -> float:
    return round(1_000 * seconds, 2)


def _in_words(error: BaseException) -> str:
    text = str(error) if isinstance(error, RecommenderError) else f"{type(error).__name__}: {error}"
    return clean(text, MAX_REASON)
