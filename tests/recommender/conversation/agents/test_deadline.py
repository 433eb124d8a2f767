"""The deadline is kept whatever the agents and the writer do, and what was ready is used."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from recommender.conversation.agents.base import NOTHING, Agent, Brief
from recommender.conversation.agents.contemplating import Contemplation
from recommender.conversation.agents.crew import AGENTS, Crew
from recommender.conversation.agents.merging import merge, rank_again
from recommender.conversation.patience import AGENT_THREAD_NAME, a_writer_runs
from recommender.conversation.relaxing import to_constraints
from recommender.errors import RecommenderError
from schemas import Reply
from schemas.conversation import AgentState, Candidate, Proposal
from tests.recommender.conversation.agents.kitchen import WORDS, Kitchen, contemplate, contemplation, shown
from tests.recommender.conversation.shops import ScriptedWriter

N_QUICK, N_FULL = 12, 200
LATE_MS = 100.0
SLOW_SECONDS = 0.2
SENTENCES = ["Have a look at [[P1]].", "[[P2]] is [[P2.price]]."]


@dataclass(frozen=True)
class Scripted:
    """An agent that does what it is told."""

    name: str
    act: Callable[[Brief], Proposal]
    share: float = 1.0

    def propose(self, brief: Brief) -> Proposal:
        return self.act(brief)


def wants(item_id: str) -> Proposal:
    return Proposal(candidates=(Candidate(item_id=item_id, strength=1.0),))


READY = Scripted("complements", lambda _: wants("mug-cheap"))


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hanging agents and writers wait for; opened at the end, so that no thread outlives its test."""
    gate = threading.Event()
    yield gate
    gate.set()
    deadline = time.monotonic() + 10
    while a_writer_runs() and time.monotonic() < deadline:
        time.sleep(0.01)


def hanging(gate: threading.Event, name: str = "value") -> Scripted:
    def hang(_: Brief) -> Proposal:
        gate.wait()
        return NOTHING

    return Scripted(name, hang)


def states(reply: Reply) -> dict[str, AgentState]:
    assert reply.trace is not None
    return {run.agent: run.state for run in reply.trace.agents}


def broken(_: Brief) -> Proposal:
    raise RecommenderError("the catalogue is on fire")


def test_what_is_ready_is_used_and_late_agents_are_named(gate):
    reply = contemplate("a mug", contemplation([READY, hanging(gate)], ms=200))
    assert shown(reply)[0] == "mug-cheap"
    assert states(reply) == {"complements": AgentState.READY, "value": AgentState.LATE}
    assert reply.trace.late == ("value",)
    assert any("'value' was late" in note for note in reply.notes)


@pytest.mark.parametrize("error", [RecommenderError("no"), ValueError("no"), SystemExit(3), MemoryError()], ids=repr)
def test_an_agent_that_fails_never_takes_the_answer_with_it(error):
    def fail(_: Brief) -> Proposal:
        raise error

    reply = contemplate("a mug", contemplation([Scripted("value", fail), READY]))
    assert states(reply)["value"] is AgentState.FAILED
    assert shown(reply)[0] == "mug-cheap"


def test_an_agent_that_proposes_no_proposal_has_failed():
    reply = contemplate("a mug", contemplation([Scripted("value", lambda _: "mugs"), READY]))
    assert states(reply) == {"value": AgentState.FAILED, "complements": AgentState.READY}


@pytest.mark.parametrize("wanted", ["nothing-like-it", "tray"])
def test_a_candidate_that_is_not_eligible_is_not_let_in(wanted):
    reply = contemplate("a mug", contemplation([Scripted("value", lambda _: wants(wanted))]))
    assert shown(reply) == shown(contemplate("a mug", contemplation([])))


def test_without_anything_ready_the_answer_is_that_of_ranking_alone(gate):
    reply = contemplate("a mug", contemplation([hanging(gate), Scripted("critic", broken)], ms=150))
    assert shown(reply) == ["mug-navy", "mug-red", "mug-plain", "mug-cheap"]
    assert reply.trace.request_id == reply.trace.first_request_id


def test_each_agent_has_a_time_of_its_own(gate):
    short = Scripted("taste", hanging(gate).act, share=0.2)
    reply = contemplate("a mug", contemplation([short, hanging(gate)], ms=300))
    budgets = {run.agent: run.budget_ms for run in reply.trace.agents}
    assert budgets["taste"] == pytest.approx(0.2 * budgets["value"], abs=15)


def test_agents_work_at_the_same_time():
    meeting = threading.Barrier(len(AGENTS))

    def meet(_: Brief) -> Proposal:
        meeting.wait(timeout=30)
        return NOTHING

    reply = contemplate("a mug", contemplation([Scripted(agent.name, meet) for agent in AGENTS]))
    assert set(states(reply).values()) == {AgentState.READY}


def test_a_late_agent_is_stopped_at_its_next_look_into_the_shop():
    stopped = threading.Event()

    def looks_on(brief: Brief) -> Proposal:
        try:
            while True:
                brief.tools.rank(to_constraints(brief.wishes, WORDS), 1)
        finally:
            stopped.set()

    reply = contemplate("a mug", contemplation([Scripted("value", looks_on)], ms=100))
    assert states(reply)["value"] is AgentState.LATE
    assert stopped.wait(10)


def test_an_agent_that_hangs_in_many_replies_is_not_started_again_until_one_ends(gate):
    crew = Crew([hanging(gate), READY], max_hung=2)
    replies = [contemplate("a mug", contemplation(ms=60, crew=crew)) for _ in range(4)]
    assert [states(reply)["value"].value for reply in replies] == ["late", "late", "cancelled", "cancelled"]
    assert sum(thread.name == AGENT_THREAD_NAME for thread in threading.enumerate()) == 2
    assert "it hangs in 2 earlier replies" in replies[-1].trace.agents[0].reason
    gate.set()
    crew.settle(10)
    assert states(contemplate("a mug", contemplation(crew=crew)))["value"] is AgentState.READY


def test_what_a_writer_has_ready_by_the_deadline_is_released_and_the_template_goes_on(gate):
    class Stuck(ScriptedWriter):
        def write(self, context):
            yield from self.sentences
            gate.wait()

    reply = contemplate("a mug", contemplation(ms=200), writer=Stuck(SENTENCES[:1]))
    origins = [sentence.origin.value for sentence in reply.sentences]
    assert origins[0] == "model"
    assert set(origins[1:]) == {"template"}
    assert any("the reply's deadline came first" in note for note in reply.notes)


def test_a_run_comes_again_from_its_trace():
    for text in ("a teapot and two mugs under £28 together", "the cheapest mug", "a blue mug", "a mug"):
        reply = contemplate(text)
        trace = type(reply.trace).model_validate_json(reply.trace.model_dump_json())
        merged = merge({run.agent: run.proposal for run in trace.agents if run.state is AgentState.READY})
        assert merged == trace.merged
        again = rank_again(merged, trace.wishes, Kitchen().again, WORDS, trace.k)
        assert again is not None
        assert [item.item_id for item in again.recommendations.items] == shown(reply)


def stalled_ms() -> float:
    """How long the threads of this process have been ready to run on a machine that ran something else (Linux)."""
    waits = 0
    for task in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has just ended
            waits += int(task.read_text().split()[1])
    return waits / 1_000_000


def lateness(rng: np.random.Generator, crew: Crew, gate: threading.Event) -> tuple[float, float]:
    """Milliseconds that a reply with a drawn deadline and a drawn writer comes after it; and without the stalls."""

    class Stuck(ScriptedWriter):
        def write(self, context):
            yield from self.sentences
            gate.wait(float(rng.choice([0.0, SLOW_SECONDS, 60.0])))

    stalls = stalled_ms()
    how: Contemplation = contemplation(ms=int(rng.integers(50, 151)), crew=crew)
    reply = contemplate("a red mug under £6.80", how, writer=Stuck(SENTENCES))
    late = 1_000 * (time.monotonic() - how.deadline.until)
    assert shown(reply)
    assert reply.text
    return late, late - max(stalled_ms() - stalls, 0.0)


def drawn_agents(rng: np.random.Generator, gate: threading.Event) -> Sequence[Agent]:
    """The real agents, each of which may be slow, hang or fail."""

    def drawn(agent: Agent) -> Agent:
        acts: list[Callable[[Brief], Proposal]] = [
            agent.propose,
            lambda brief: agent.propose(brief) if not gate.wait(SLOW_SECONDS) else NOTHING,
            hanging(gate).act,
            broken,
        ]
        return Scripted(agent.name, acts[int(rng.integers(len(acts)))])

    return [drawn(agent) for agent in AGENTS]


def run_late(n: int, gate: threading.Event) -> list[tuple[float, float]]:
    found = []
    for number in range(n):
        rng = np.random.default_rng(number)
        found.append(lateness(rng, Crew(drawn_agents(rng, gate)), gate))
        if number % 20 == 19:
            gate.set()
            time.sleep(0.05)
            gate.clear()
    return found


def test_with_slow_hanging_and_failing_agents_the_deadline_is_kept(gate):
    assert max(late for _, late in run_late(N_QUICK, gate)) <= LATE_MS


@pytest.mark.full
def test_two_hundred_replies_with_slow_and_hanging_agents_are_never_late(gate, record_property):
    late = run_late(N_FULL, gate)
    record_property("late at most, ms", f"{max(raw for raw, _ in late):.0f}")
    record_property("beside the machine's stalls, ms", f"{max(net for _, net in late):.0f}")
    assert max(net for _, net in late) <= LATE_MS
