"""A clock that goes only when it is told to."""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now
