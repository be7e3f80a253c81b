"""The legal clock: one frozen value for every time limit, and the verbs that move it.

A clock belongs to a dossier, a step, a wait to be received, a petition or a demand. Who acted, why
and by what law stands in rows beside it; this module knows only moments, grounds and working time.
Each verb returns a new clock or raises `ClockError` with a code. How it stands, and what can be
asked of it, is `Standing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dossiers.moments import ClockError as ClockError
from dossiers.moments import Stops, known, utc
from dossiers.standing import EARLY as EARLY
from dossiers.standing import FINISHED as FINISHED
from dossiers.standing import LATE as LATE
from dossiers.standing import NOT_BEGUN as NOT_BEGUN
from dossiers.standing import ON_TIME as ON_TIME
from dossiers.standing import RESULTS as RESULTS
from dossiers.standing import RUNNING as RUNNING
from dossiers.standing import STATES as STATES
from dossiers.standing import STOPPED as STOPPED
from dossiers.standing import WITHOUT_LIMIT as WITHOUT_LIMIT
from dossiers.standing import Outcome as Outcome
from dossiers.standing import Standing
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Standing):
    """A legal clock with the verbs that move it; its fields are those of `Standing`."""

    # Beginnings

    @classmethod
    def waiting(cls, limit: TimeLimit | None) -> Clock:
        """A clock that has not begun: received for another territory (118/2025 art. 17.3)."""
        return cls(state=NOT_BEGUN, limit=limit)

    @classmethod
    def start(cls, limit: TimeLimit | None, calendar: WorkingCalendar, at: datetime) -> Clock:
        """A running clock; without a limit it is never early, on time or late."""
        return cls.waiting(limit).begin(calendar, at)

    @classmethod
    def start_for(cls, budget: timedelta, calendar: WorkingCalendar, at: datetime) -> Clock:
        """A running clock whose limit is so much working time: a step's share."""
        at = utc(at)
        clock = cls(state=RUNNING, started_at=at, anchor_at=at, anchor_budget=budget)
        return clock._counted(calendar, at)

    @classmethod
    def start_until(cls, limit_at: datetime, calendar: WorkingCalendar, at: datetime) -> Clock:
        """A running clock whose limit is a given moment, as a log of the past states it."""
        at = utc(at)
        given = utc(limit_at)
        clock = cls(state=RUNNING, started_at=at, anchor_at=at, given_limit_at=given)
        return clock._counted(calendar, at)

    def begin(self, calendar: WorkingCalendar, at: datetime) -> Clock:
        """Let a waiting clock run."""
        self._require(NOT_BEGUN)
        at = utc(at)
        clock = replace(self, state=RUNNING, started_at=at, anchor_at=at)
        return clock._counted(calendar, at)

    # What moves it

    def stop(self, ground: str, at: datetime) -> Clock:
        """Stop for `ground`; on a stopped clock a second ground only adds itself."""
        self._require(RUNNING, STOPPED)
        at = self._in_order(at)
        if not ground:
            raise ClockError("no_ground", "a clock stops only for a ground")
        if ground in self.grounds:
            raise ClockError("ground_already", f"the clock has already stopped for {ground}")
        grounds = self.grounds | {ground}
        if self.state == STOPPED:
            return replace(self, grounds=grounds)
        remaining = self._left(self.calendar, at)
        return replace(self, state=STOPPED, stopped_at=at, grounds=grounds, remaining=remaining)

    def resume(self, ground: str, calendar: WorkingCalendar, at: datetime) -> Clock:
        """Lift `ground`; when it was the last, run again with what remained.

        Law: a stop in which no working time passed moves nothing; one begun after the limit passed
        moves nothing either.
        """
        at = self._in_order(at)
        grounds = self._without(ground)
        if grounds:
            return replace(self, grounds=grounds)
        return self._running_again(calendar, at)

    def restart(
        self, calendar: WorkingCalendar, at: datetime, *, ground: str | None = None
    ) -> Clock:
        """Lift `ground` (by default the only one) and give the limit anew, after a supplement.

        Where another ground remains the new limit begins stopped. A stop begun after the limit had
        passed hides nothing: such a clock only resumes.
        Law: 61/2018/NĐ-CP art. 19.4.
        """
        self._require(STOPPED)
        at = self._in_order(at)
        if ground is None:
            if len(self.grounds) > 1:
                raise ClockError("which_ground", "several grounds stop the clock: name one")
            (ground,) = self.grounds
        grounds = self._without(ground)
        if not self.may_restart:
            return self.resume(ground, calendar, at)
        left_behind = (*self.earlier_stops, *self.stops, (known(self.stopped_at), at))
        fresh = replace(self, anchor_at=at, anchor_budget=self._anew(calendar), stops=())
        fresh = replace(fresh, given_limit_at=None, stopped_at=at, grounds=grounds)
        fresh = replace(fresh, earlier_stops=left_behind)
        fresh = fresh._counted(calendar, at)
        if grounds:
            return fresh
        return replace(fresh, state=RUNNING, stopped_at=None, remaining=None)

    def extend(self, limit: TimeLimit, calendar: WorkingCalendar, at: datetime) -> Clock:
        """Let the whole limit be `limit`, counted from the same anchor; by a special law only.

        The stops so far count as before. A limit that has passed is not extended.
        """
        self._require(RUNNING, STOPPED)
        at = self._in_order(at)
        self._require_limit()
        if self.late(at):
            raise ClockError("limit_passed", "a limit that has passed cannot be extended")
        stops, earlier = self._stops_since_anchor()
        clock = replace(self, limit=limit, anchor_budget=None, given_limit_at=None)
        clock = replace(clock, stops=stops, earlier_stops=earlier)._counted(calendar, at)
        if known(clock.limit_at) <= known(self.limit_at):
            raise ClockError("not_longer", "an extension ends later than the limit it extends")
        return clock

    def correct(self, limit_at: datetime, at: datetime) -> Clock:
        """Put a wrongly entered limit right: now it is `limit_at`, stops so far included."""
        self._require(RUNNING, STOPPED)
        at = self._in_order(at)
        calendar, given = self._with_calendar(), utc(limit_at)
        budget = self._ran(calendar, given) if self.limit is None else None
        behind = (*self.earlier_stops, *self.stops)
        clock = replace(self, given_limit_at=given, anchor_budget=budget)
        clock = replace(clock, stops=(), earlier_stops=behind)
        return clock._counted(calendar, at)

    def restate(self, promise: datetime, at: datetime) -> Clock:
        """Set the promise apart from the limit, once; the limit stays.

        Law: 61/2018/NĐ-CP art. 19.9: the new appointment is set once.
        """
        self._require(RUNNING, STOPPED)
        at = self._in_order(at)
        self._require_limit()
        if self.promise_number > 1:
            raise ClockError("promise_restated", "the promise was restated once already")
        promise = utc(promise)
        if promise <= max(at, known(self.limit_at)):
            raise ClockError("promise_not_later", "a new promise lies after now and the limit")
        gap = self._with_calendar().between(known(self.limit_at), promise)
        return replace(self, promised_at=promise, promise_number=2, promise_gap=gap)

    def recount(self, calendar: WorkingCalendar, at: datetime) -> Clock:
        """Count the limit again under an amended calendar.

        A given moment stays; only what stops have added to it is counted again.
        """
        if self.state == FINISHED:
            raise ClockError("finished", "a finished clock is not counted again")
        if self.state == NOT_BEGUN:
            return self
        return self._counted(calendar, utc(at))

    # Its end

    def finish(self, at: datetime) -> Clock:
        """End it; `result` and `margin` then say how. A stopped clock ends as if resumed at `at`.

        Law: late is after the limit; not late, on an earlier local date than the limit's, is early.
        """
        self._require(NOT_BEGUN, RUNNING, STOPPED)
        at = self._in_order(at)
        clock = self
        if self.state == STOPPED:
            clock = self._running_again(self._with_calendar(), at)
        result, margin = clock.outcome(at)
        used = None if clock.started_at is None else clock.time_used(clock._with_calendar(), at)
        ended = replace(clock, state=FINISHED, finished_at=at, result=result, margin=margin)
        return replace(ended, used=used)

    def reopen(self, calendar: WorkingCalendar, at: datetime) -> Clock:
        """Go on with what remained at the end; a limit that had passed stays passed."""
        self._require(FINISHED)
        at = self._in_order(at)
        end = known(self.finished_at)
        clock = replace(self, finished_at=None, result="", margin=None, used=None)
        if self.started_at is None:
            return replace(clock, state=NOT_BEGUN)
        return replace(clock, stopped_at=end)._running_again(calendar, at)

    # Taken back, as if it had not been: only ever the last thing that happened to it

    def unstop(self, ground: str) -> Clock:
        """Take the last stop for `ground` back: the time since counts."""
        grounds = self._without(ground)
        if grounds:
            return replace(self, grounds=grounds)
        return replace(self, state=RUNNING, stopped_at=None, grounds=grounds, remaining=None)

    def unfinish(self, grounds: frozenset[str] = frozenset()) -> Clock:
        """Take the end back: the time since counts. `grounds` are those for which it stood as it
        ended: then it stands again since the same moment."""
        self._require(FINISHED)
        end = known(self.finished_at)
        clock = replace(self, finished_at=None, result="", margin=None, used=None)
        if not grounds:
            return replace(clock, state=NOT_BEGUN if self.started_at is None else RUNNING)
        since, stops = end, self.stops
        if stops and stops[-1][1] == end:
            since, stops = stops[-1][0], stops[:-1]
        clock = replace(clock, state=STOPPED, stopped_at=since, grounds=grounds, stops=stops)
        return clock._counted(clock._with_calendar(), known(self.limit_set_at or since))

    # How the limit is counted

    def limit_without_restart(self, calendar: WorkingCalendar) -> datetime | None:
        """Where the limit would lie had every stop only stopped it: the index's reading, which
        subtracts the wait whether or not the law lets the limit start again.

        Law: Decision 766/QĐ-TTg, beside 61/2018/NĐ-CP art. 19.4 (domain: three readings of late).
        """
        if not self.earlier_stops or self.limit_at is None or self.given_limit_at is not None:
            return self.limit_at
        whole = replace(self, anchor_at=self.started_at, stops=(*self.earlier_stops, *self.stops))
        return whole._counted(calendar, known(self.started_at)).limit_at

    def _counted(self, calendar: WorkingCalendar, at: datetime) -> Clock:
        """With the limit counted from the anchor through every stop, and the promise after it."""
        limit_at = self._from_anchor(calendar)
        if limit_at is not None:
            for stopped_at, resumed_at in self.stops:
                limit_at = _after_stop(calendar, limit_at, stopped_at, resumed_at)
        clock = self._limited(limit_at, calendar, at)
        if self.stopped_at is None:
            return clock
        return replace(clock, remaining=clock._left(calendar, self.stopped_at))

    def _from_anchor(self, calendar: WorkingCalendar) -> datetime | None:
        """The limit as if the clock had never stopped."""
        if self.given_limit_at is not None:
            return self.given_limit_at
        anchor = known(self.anchor_at)
        if self.anchor_budget is not None:
            return utc(calendar.add(anchor, self.anchor_budget))
        return None if self.limit is None else utc(self.limit.due(calendar, anchor))

    def _limited(self, limit_at: datetime | None, calendar: WorkingCalendar, at: datetime) -> Clock:
        """With this limit; a promise set apart stays as much working time behind it as it was."""
        promise = limit_at
        if limit_at is not None and self.promise_gap is not None:
            promise = self.promised_at
            if promise is None or calendar.between(limit_at, promise) != self.promise_gap:
                promise = utc(calendar.add(limit_at, self.promise_gap))
        set_at = self.limit_set_at if limit_at == self.limit_at else at
        return replace(
            self, limit_at=limit_at, limit_set_at=set_at, promised_at=promise, calendar=calendar
        )

    def _running_again(self, calendar: WorkingCalendar, at: datetime) -> Clock:
        """Running from `at`, with the stop that ends now behind it."""
        since = known(self.stopped_at)
        limit_at = self.limit_at
        if limit_at is not None:
            limit_at = _after_stop(calendar, limit_at, since, at)
        clock = self._limited(limit_at, calendar, at)
        stops = self.stops if since == at else (*self.stops, (since, at))
        clock = replace(clock, state=RUNNING, stopped_at=None, grounds=frozenset())
        return replace(clock, remaining=None, stops=stops)

    def _anew(self, calendar: WorkingCalendar) -> timedelta | None:
        """The working time a fresh limit is worth where no `TimeLimit` says so."""
        if self.limit is not None or self.anchor_budget is not None or self.limit_at is None:
            return self.anchor_budget
        return self._ran(calendar, self.limit_at)

    def _ran(self, calendar: WorkingCalendar, until: datetime) -> timedelta:
        """The working time from the anchor to `until` in which the clock was not stopped."""
        stops, _ = self._stops_since_anchor()
        stopped = sum((calendar.between(a, b) for a, b in stops), _NO_TIME)
        return calendar.between(known(self.anchor_at), until) - stopped

    def _stops_since_anchor(self) -> tuple[Stops, Stops]:
        """The ended stops since the anchor, a correction's own among them, and those before it."""
        ended, anchor = (*self.earlier_stops, *self.stops), known(self.anchor_at)
        return (
            tuple(stop for stop in ended if stop[0] >= anchor),
            tuple(stop for stop in ended if stop[0] < anchor),
        )


def _after_stop(
    calendar: WorkingCalendar, limit_at: datetime, stopped_at: datetime, resumed_at: datetime
) -> datetime:
    """Where a stop leaves the limit: with as much working time ahead as there was."""
    if stopped_at > limit_at:
        return limit_at  # it had passed: the stop hides nothing
    if resumed_at <= limit_at and not calendar.between(stopped_at, resumed_at):
        return limit_at  # nothing was lost: not even an end outside hours moves
    return utc(calendar.add(resumed_at, calendar.between(stopped_at, limit_at)))
