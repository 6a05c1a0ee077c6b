"""Who floods, and how much of it is let through: the rules of the sieve. Pure; time is handed in."""

from collections.abc import Callable, Sequence

from instrument.hands.crowd import Sender
from instrument.hands.sieve import MOST_RULES, Rule

LOOK_S = 0.5
FLOOD = 500
"""So many refused packets between two looks are a flood: more than 1,000 a second too many."""
THINNED_PER_S = 1000.0
"""So many of a flood are let through: below what the turnstile lets one sender have."""
STRANGER_PER_S = 20.0
"""So many of a machine that may not play at all."""
CALM_PER_S = 1500.0
MOST_WATCHED = 256
MOST_SINGLE = 4
"""So many single senders of a machine are sieved; with one more, the machine is."""
NO_SUCH_SHARE = 1e-4
"""No flood is so large: what comes through then is let through as urgent."""

Regulars = Callable[[str], Sequence[Sender]]


Key = tuple[str, int | None]
"""A machine and one of its ports, or None for all of them."""


class Thinning:
    """Counts what is refused, and turns it into rules.

    | what was refused since the last look             | what is sieved from now on                     |
    |--------------------------------------------------|------------------------------------------------|
    | 500 of one sender                                | that sender, down to 1,000 a second            |
    | 500 of a machine, no one sender sending them     | that machine but its regulars, in the same way |
    | 500 of a machine that may not play               | that machine, down to 20 a second              |

    At every look the rate of what is sieved is reckoned from what came through; when it is below 1,500 a
    second twice, the rule goes. When panics alone are a flood, they are sieved, too. One thread at a time.
    """

    def __init__(self, regulars: Regulars) -> None:
        """`regulars`: the senders of a machine that keep their place (`Turnstile.regulars`)."""
        self._regulars = regulars
        self._senders: dict[Sender, int] = {}
        self._hosts: dict[str, int] = {}
        self._strangers: set[str] = set()
        self._rules: dict[Key, Rule] = {}
        self._wanted: dict[Key, float] = {}
        self._came: dict[Key, int] = {}
        self._calm: dict[Key, int] = {}
        self._looked_s = self._counted_s = float("-inf")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What is sieved now; single senders first."""
        return tuple(sorted(self._rules.values(), key=lambda rule: rule.port is None))

    def came(self, sender: Sender) -> None:
        """A packet came through; worth calling only while there are rules."""
        for key in ((sender[0], sender[1]), (sender[0], None)):
            if key in self._came:
                self._came[key] += 1
                return

    def refused(self, sender: Sender, stranger: bool = False) -> bool:
        """A packet was refused. Whether this makes it a flood, so that it is time to look."""
        host = sender[0]
        flood = False
        if not stranger and (sender in self._senders or len(self._senders) < MOST_WATCHED):
            count = self._senders[sender] = self._senders.get(sender, 0) + 1
            flood = count == FLOOD and (host, sender[1]) not in self._rules
        if host in self._hosts or len(self._hosts) < MOST_WATCHED:
            count = self._hosts[host] = self._hosts.get(host, 0) + 1
            flood = flood or (count == FLOOD and (host, None) not in self._rules)
            if stranger:
                self._strangers.add(host)
        return flood

    def due(self, now_s: float) -> bool:
        """Whether the next look is due."""
        return now_s - self._looked_s >= LOOK_S

    def look(self, now_s: float) -> bool:
        """Reckon anew; whether the rules changed."""
        before = self.rules
        if self.due(now_s):
            passed_s = now_s - self._looked_s
            for key in list(self._rules):
                self._reckon(key, passed_s)
            self._came = dict.fromkeys(self._rules, 0)
            self._looked_s = now_s
        self._find_floods(max(0.01, min(LOOK_S, now_s - self._counted_s)))
        self._senders.clear()
        self._hosts.clear()
        self._strangers.clear()
        self._counted_s = now_s
        return self.rules != before

    def _find_floods(self, passed_s: float) -> None:
        for sender, count in self._senders.items():
            if count >= FLOOD:
                self._sieve((sender[0], sender[1]), THINNED_PER_S, count / passed_s)
        for host, count in self._hosts.items():
            single = sum(
                c for s, c in self._senders.items() if (s[0], s[1]) in self._rules and s[0] == host
            )
            if count - single >= FLOOD:
                wanted_per_s = STRANGER_PER_S if host in self._strangers else THINNED_PER_S
                self._sieve((host, None), wanted_per_s, count / passed_s)

    def _sieve(self, key: Key, wanted_per_s: float, too_many_per_s: float) -> None:
        host, port = key
        if key in self._rules or (host, None) in self._rules:
            return
        singles = [other for other in self._rules if other[0] == host]
        if port is None or len(singles) >= MOST_SINGLE:
            key = (host, None)
            for other in singles:
                self._forget(other)
        if len(self._rules) >= MOST_RULES:
            return
        share = min(1.0, wanted_per_s / (wanted_per_s + too_many_per_s))
        self._rules[key] = Rule(
            host, key[1], share, self._besides(key), wanted_per_s > STRANGER_PER_S
        )
        self._wanted[key], self._came[key], self._calm[key] = wanted_per_s, 0, 0

    def _reckon(self, key: Key, passed_s: float) -> None:
        rule, wanted_per_s = self._rules[key], self._wanted[key]
        came_per_s = self._came[key] / passed_s
        rate_per_s = came_per_s / rule.share
        self._calm[key] = self._calm[key] + 1 if rate_per_s < CALM_PER_S else 0
        if self._calm[key] >= 2:
            self._forget(key)
            return
        share, urgent = min(1.0, wanted_per_s / max(rate_per_s, 1.0)), rule.urgent
        if share < NO_SUCH_SHARE:
            share, urgent = 0.01, False
        self._rules[key] = Rule(key[0], key[1], share, self._besides(key), urgent)

    def _forget(self, key: Key) -> None:
        for table in (self._rules, self._wanted, self._came, self._calm):
            table.pop(key, None)  # type: ignore[attr-defined]

    def _besides(self, key: Key) -> tuple[int, ...]:
        host, port = key
        return () if port is not None else tuple(int(s[1]) for s in self._regulars(host))
