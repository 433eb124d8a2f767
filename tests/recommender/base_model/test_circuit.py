"""The circuit breaker: closed, open after failures, half open after a pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.base_model.circuit import CircuitBreaker, EndpointFailure
from recommender.errors import WriterError
from tests.recommender.base_model.clock import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(3, 10.0, clock=clock)


def run(breaker, error=None):
    with breaker.guard():
        if error is not None:
            raise error


def fail(breaker, times=1):
    for _ in range(times):
        with pytest.raises(EndpointFailure):
            run(breaker, EndpointFailure("down"))


def test_it_opens_after_as_many_failures_in_a_row_and_says_when_it_tries_again(breaker, clock):
    fail(breaker, 3)
    clock.now += 4
    with pytest.raises(WriterError, match=r"failed 3 times in a row.* tried again in 6\.0 s") as refused:
        run(breaker)
    assert not isinstance(refused.value, EndpointFailure)


def test_a_success_in_between_starts_the_count_again(breaker):
    fail(breaker, 2)
    run(breaker)
    fail(breaker, 2)
    run(breaker)


@pytest.mark.parametrize("error", [WriterError("refused"), KeyError("ours"), GeneratorExit()])
def test_only_failures_of_the_endpoint_count(breaker, error):
    for _ in range(5):
        with pytest.raises(type(error)):
            run(breaker, error)
    run(breaker)


def test_after_the_pause_one_request_tries_and_the_others_still_fail_at_once(breaker, clock):
    fail(breaker, 3)
    clock.now += 10
    with breaker.guard(), pytest.raises(WriterError, match="one request is trying it now"):
        run(breaker)
    run(breaker)


def test_a_failed_trial_opens_it_for_another_pause(breaker, clock):
    fail(breaker, 3)
    clock.now += 10
    fail(breaker)
    clock.now += 9
    with pytest.raises(WriterError, match=r"again in 1\.0 s"):
        run(breaker)
    clock.now += 1
    run(breaker)
    fail(breaker, 2)
    run(breaker)


def test_a_trial_that_says_nothing_about_the_endpoint_lets_the_next_one_try(breaker, clock):
    fail(breaker, 3)
    clock.now += 10
    with pytest.raises(GeneratorExit):
        run(breaker, GeneratorExit())
    run(breaker)
    fail(breaker, 2)
    run(breaker)


def test_a_late_failure_of_an_older_request_does_not_lengthen_the_pause(breaker, clock):
    older = breaker.guard()
    older.__enter__()
    fail(breaker, 3)
    clock.now += 9
    late = EndpointFailure("late")
    assert not older.__exit__(type(late), late, None)
    clock.now += 1
    run(breaker)


@given(st.lists(st.sampled_from(["ok", "down", "wait"]), max_size=40))
def test_it_runs_a_request_exactly_when_the_rule_says_so(steps):
    clock = Clock()
    breaker = CircuitBreaker(2, 10.0, clock=clock)
    failures, opened_at = 0, None
    for step in steps:
        if step == "wait":
            clock.now += 6
            continue
        ran = False
        try:
            with breaker.guard():
                ran = True
                if step == "down":
                    raise EndpointFailure("down")
        except WriterError:
            pass
        assert ran == (opened_at is None or clock.now >= opened_at + 10)
        if ran:
            failures = failures + 1 if step == "down" else 0
            opened_at = clock.now if failures >= 2 else None
