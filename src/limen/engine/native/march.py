"""A march of one model: tables of an interval, static drives kept while doses repeat, states panel by panel.

The same scheme as `panels` and `march`, arranged for one core: eight participants fill a vector register and go
through the whole course together, everything they need staying in the core's own cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from limen.engine.elementary import decay_moments, gauss
from limen.engine.native.emit import POINTER, Function, constants, entry, whole
from limen.engine.native.lanes import DOUBLE, INT, VECTOR, WIDTH, Lanes, matvec, total
from limen.engine.native.maps import Affine, collocation, integrating_factor
from limen.engine.native.memory import memory
from limen.engine.native.recipe import Part, Recipe, Traced
from limen.engine.native.translate import trace, translate
from limen.engine.panels import POWER

MARCH = (
    "march",
    (
        "parameters", "rates", "coefficients", "edges", "reached", "starts", "doses", "slot", "row", "fresh",
        "scratch", "initial", "states", "seen",
    ),
    ("first", "last", "people", "intervals", "panels", "pins"),
)  # fmt: skip
REPEATS = 1e-11  # amplitudes closer than this, relatively, are the same dose again
GAUSSIAN = (
    0.5  # decays up to this many per node are left to the Gauss weights, faster ones are integrated exactly
)


class March:
    """Builds `march`: for each group of eight people, for each interval, tables, static drives, states."""

    def __init__(self, recipe: Recipe, nodes: int, pinned: bool, observed: bool):
        self.recipe, self.nodes, self.pinned, self.observed = recipe, nodes, pinned, observed
        self.memory = memory(recipe, nodes)
        self.module = ir.Module("limen")
        xi, self.w, _, self.project = gauss(nodes)
        place, stretch = (xi**POWER, xi), (POWER * xi ** (POWER - 1), np.ones(nodes))
        self.place = constants(self.module, "place", np.stack(place))
        self.stretch = constants(self.module, "stretch", np.stack(stretch))
        self.decay_weights = self._decay_weights() if recipe.weighted else None
        self._build()

    def _decay_weights(self) -> ir.Function:
        """A function of (z, scale, out): exact weights for a decay z over the panel."""
        f = Function(self.module, "decay_weights", [("z", VECTOR), ("scale", VECTOR), ("out", POINTER)])
        f.function.linkage = "internal"
        moments = trace(lambda z: decay_moments(z, self.nodes), 1)
        scale = f.lanes(f.arguments["scale"])
        found = translate(moments, [f.lanes(f.arguments["z"])], f.builder)
        for n, value in enumerate(matvec(self.project, found)):
            f.store(value * scale, f.arguments["out"], n * WIDTH)
        f.builder.ret_void()
        return f.function

    def _build(self) -> None:
        f = self.f = entry(self.module, *MARCH)
        r, args = self.recipe, f.arguments
        self.current = {name: f.variable(VECTOR) for name in r.states}
        self.before = {name: f.variable(VECTOR) for name in r.before}
        self.amplitude = [f.variable(VECTOR) for _ in range(r.modes)]
        self.dose, self.tad = f.variable(VECTOR), f.variable(VECTOR)
        self.slot_size = f.index(self.memory.head_size, (args["panels"], self.memory.record_size))
        self.slot_size = f.builder.mul(self.slot_size, whole(WIDTH))
        self.edges_size = f.index((f.builder.add(args["panels"], whole(1)), len(r.states) * WIDTH))
        with f.loop(args["first"], args["last"]) as group:
            self.lane = f.builder.mul(group, whole(WIDTH))
            self._begin()
            with f.loop(whole(0), args["intervals"]) as interval:
                self._interval(interval)
        f.builder.ret_void()

    def _person(self, base: str, row: Any) -> Lanes:
        """Eight people's values in a row of an argument."""
        return self.f.load(self.f.arguments[base], self.f.index((row, self.f.arguments["people"]), self.lane))

    def _begin(self) -> None:
        f, r = self.f, self.recipe
        self.given: dict[str, Any] = {
            name: self._person("parameters", i) for i, name in enumerate(r.parameters)
        }
        self.rate = [self._person("rates", m) for m in range(r.modes)]
        zero = self.rate[0] * 0.0
        for i, name in enumerate(r.states):
            f.put(self._person("initial", i), self.current[name])
        for name in r.before:
            f.put(f.get(self.current[name]), self.before[name])
        for variable in (*self.amplitude, self.dose, self.tad):
            f.put(zero, variable)

    def _value(self, t: Traced, known: dict[str, Any], n: int | None = None) -> Lanes:
        """A right-hand side at node n; names that vary over nodes are lists."""
        held = self.held if t.before else {}
        given = [known[name] for name in t.names]
        at_node: list[Any] = [v[n] if isinstance(v, list) and n is not None else v for v in given]
        return translate(t.jaxpr, at_node + [held[name] for name in t.before], self.f.builder)[0]

    def _interval(self, interval: Any) -> None:
        f, r, args, b = self.f, self.recipe, self.f.arguments, self.f.builder
        row, slot = f.whole_at(args["row"], interval), f.whole_at(args["slot"], interval)
        self.row = row
        self.home = f.at(f.at(args["scratch"], self.edges_size), b.mul(slot, self.slot_size))
        self.records = f.at(self.home, self.memory.head_size * WIDTH)
        fresh = b.icmp_signed("!=", f.whole_at(args["fresh"], interval), whole(0))
        with b.if_then(fresh):
            self._tables(row)
        dose, self.start = self._person("doses", interval), self._person("starts", interval)
        dosed = dose.compare(">", 0.0)
        for name in r.before:
            f.put(dosed.where(f.get(self.current[name]), f.get(self.before[name])), self.before[name])
        f.put(dosed.where(dose, f.get(self.dose)), self.dose)
        f.put(dosed.where(0.0, f.get(self.tad)), self.tad)
        self.held = {name: f.get(self.current[name]) for name in r.states}
        for state, size in r.jumps:
            moved = self._value(size, self.given | {"dose": dose, "t": self.start})
            f.put(f.get(self.current[state]) + dosed.where(moved, 0.0), self.current[state])
        self.held = {name: f.get(self.before[name]) for name in r.before}
        for m in range(r.modes):
            f.put(f.get(self.amplitude[m]) + dose, self.amplitude[m])
        if self.observed:
            self._record_seen(interval)
        changed = b.or_(fresh, b.not_(self._repeats()))
        with b.if_then(changed):
            self._static()
        self._edge(whole(0))
        with f.loop(whole(0), args["panels"]) as panel:
            self._march_panel(panel)
            self._edge(b.add(panel, whole(1)))
        self._write(interval)
        for m in range(r.modes):
            f.put(f.get(self.amplitude[m]) * self._head("fade", m), self.amplitude[m])
        length = self._edge_time(row, args["panels"])
        f.put(f.get(self.tad) + length, self.tad)

    def _head(self, name: str, i: int = 0) -> Lanes:
        return self.f.load(self.home, (self.memory.head[name] + i) * WIDTH)

    def _edge_time(self, row: Any, edge: Any) -> Lanes:
        panels = self.f.builder.add(self.f.arguments["panels"], whole(1))
        return self._person("edges", self.f.index((row, panels), edge))

    def _record(self, panel: Any) -> Any:
        return self.f.at(self.records, self.f.builder.mul(panel, whole(self.memory.record_size * WIDTH)))

    def _read(self, record: Any, name: str) -> list[Lanes]:
        where = self.memory.record[name]
        return [self.f.load(record, (where + n) * WIDTH) for n in range(self.nodes)]

    def _keep(self, record: Any, name: str, values: Any) -> None:
        for n, value in enumerate(values if isinstance(values, list) else [values]):
            self.f.store(value, record, (self.memory.record[name] + n) * WIDTH)

    def _one(self, record: Any, name: str) -> Lanes:
        return self.f.load(record, self.memory.record[name] * WIDTH)

    def _tables(self, row: Any) -> None:
        """What does not change from dose to dose: times, widths, kernels of the modes, weights of constant losses."""
        f, r, b = self.f, self.recipe, self.f.builder
        loss = [self._value(part.loss, self.given) for part in r.weighted if part.loss]
        with f.loop(whole(0), f.arguments["panels"]) as panel:
            record = self._record(panel)
            start, end = self._edge_time(row, panel), self._edge_time(row, b.add(panel, whole(1)))
            length = end - start
            later = b.zext(b.icmp_signed(">", panel, whole(0)), INT)
            table = b.mul(later, whole(self.nodes))
            since, width = [], []
            for n in range(self.nodes):
                at = f.index(table, n)
                since.append(start + length * f.spread(self.place, at))
                width.append(length * f.spread(self.stretch, at))
            self._keep(record, "since", since)
            self._keep(record, "width", width)
            for m in range(r.modes):
                decay = [(-(self.rate[m] * s)).exp() for s in since]
                for i, name in enumerate(r.observables):
                    c = self._person("coefficients", i * r.modes + m)
                    self._keep(record, f"{name}{m}", [c * d for d in decay])
            for part, rate in zip(r.weighted, loss, strict=True):
                z = rate * length
                self._keep(record, f"{part.name} fall", (-z).exp())
                scale = rate if part.scaled else rate * 0.0 + 1.0
                slow = b.or_(
                    z.compare("<=", GAUSSIAN * self.nodes).all(), b.icmp_signed("==", panel, whole(0))
                )
                with b.if_else(slow) as (gaussian, exact):
                    with gaussian:
                        weights = [
                            scale * float(w) * h * (-(rate * (end - s))).exp()
                            for w, h, s in zip(self.w, width, since, strict=True)
                        ]
                        self._keep(record, f"{part.name} weight", weights)
                    with exact:
                        out = f.at(record, self.memory.record[f"{part.name} weight"] * WIDTH)
                        b.call(self.decay_weights, [z.value, (scale * length).value, out])
        length = self._edge_time(row, f.arguments["panels"])
        for m in range(r.modes):
            f.store((-(self.rate[m] * length)).exp(), self.home, (self.memory.head["fade"] + m) * WIDTH)

    def _repeats(self) -> Any:
        """One bit: the amplitudes (and the last dose and the time since it) are those the static drives were made for."""
        f = self.f
        same = None
        pairs = [(f.get(a), self._head("amplitude", m)) for m, a in enumerate(self.amplitude)]
        pairs += [(f.get(self.dose), self._head("dose")), (f.get(self.tad), self._head("tad"))]
        for now, then in pairs:
            close = (now - then).call("llvm.fabs").compare("<=", then.call("llvm.fabs") * REPEATS).all()
            same = close if same is None else f.builder.and_(same, close)
        return same

    def _known(self, record: Any) -> dict[str, Any]:
        """Parameters and clocks at the nodes of a panel."""
        known = dict(self.given)
        if self.recipe.clocks & {"t", "tad"}:
            since = self._read(record, "since")
            known["t"] = [self.start + s for s in since]
            known["tad"] = [self.f.get(self.tad) + s for s in since]
        known["dose"] = self.f.get(self.dose)
        return known

    def _static(self) -> None:
        """Drives and affine maps that repeat with the dose, kept in the records."""
        f, r = self.f, self.recipe
        for m, a in enumerate(self.amplitude):
            f.store(f.get(a), self.home, (self.memory.head["amplitude"] + m) * WIDTH)
        f.store(f.get(self.dose), self.home, self.memory.head["dose"] * WIDTH)
        f.store(f.get(self.tad), self.home, self.memory.head["tad"] * WIDTH)
        with f.loop(whole(0), f.arguments["panels"]) as panel:
            record = self._record(panel)
            known = self._known(record)
            for name in r.observables:
                terms = [self._read(record, f"{name}{m}") for m in range(r.modes)]
                amplitude = [f.get(a) for a in self.amplitude]
                known[name] = [
                    total([a * k for a, k in zip(amplitude, at, strict=True)]).maximum(1e-300)
                    for at in zip(*terms, strict=True)
                ]
            for part in (p for p in r.parts if p.static):
                if part.form == "signal":
                    known[part.name] = [self._value(part.source, known, n) for n in range(self.nodes)]
                    continue
                if part.form == "weighted":
                    self._keep(record, f"{part.name} gain", self._weighted(part, record, known))
                    continue
                for what, value in self._map(part, record, known)._asdict().items():
                    if f"{part.name} {what}" in self.memory.record:
                        self._keep(record, f"{part.name} {what}", value)
            for name in r.kept:
                self._keep(record, name, known[name])

    def _weighted(self, part: Part, record: Any, known: dict[str, Any]) -> Lanes:
        weights = self._read(record, f"{part.name} weight")
        return total([w * self._value(part.source, known, n) for n, w in enumerate(weights)])

    def _map(self, part: Part, record: Any, known: dict[str, Any]) -> Affine:
        assert part.loss is not None
        width = self._read(record, "width")
        loss, source = (
            [self._value(t, known, n) * h for n, h in enumerate(width)] for t in (part.loss, part.source)
        )
        return (collocation if part.form == "stiff" else integrating_factor)(loss, source)

    def _march_panel(self, panel: Any) -> None:
        """Every state over one panel, in reading order."""
        f, r = self.f, self.recipe
        record = self._record(panel)
        known = self._known(record)
        for name in r.kept:
            known[name] = self._read(record, name)
        for part in r.parts:
            if part.form == "signal":
                if not part.static:
                    known[part.name] = [self._value(part.source, known, n) for n in range(self.nodes)]
                continue
            x = f.get(self.current[part.name])
            if part.form == "weighted":
                fall = self._one(record, f"{part.name} fall")
                kept = self._one(record, f"{part.name} gain") if part.static else None
                gain = kept or self._weighted(part, record, known)
            else:
                fall, gain, carried, gained = (
                    self._kept_map(part, record) if part.static else self._map(part, record, known)
                )
                if part.inside:
                    known[part.name] = [c * x + g for c, g in zip(carried, gained, strict=True)]
            f.put(x * fall + gain, self.current[part.name])

    def _kept_map(self, part: Part, record: Any) -> Affine:
        fall, gain = (self._one(record, f"{part.name} {what}") for what in ("fall", "gain"))
        if not part.inside:
            return Affine(fall, gain, [], [])
        return Affine(
            fall, gain, *(self._read(record, f"{part.name} {what}") for what in ("carried", "gained"))
        )

    def _edge(self, edge: Any) -> None:
        """States at a panel's edge, from which pins are read."""
        f = self.f
        if self.pinned:
            row = f.builder.mul(edge, whole(len(self.recipe.states) * WIDTH))
            for i, name in enumerate(self.recipe.states):
                f.store(
                    f.get(self.current[name]), f.arguments["scratch"], f.builder.add(row, whole(i * WIDTH))
                )

    def _write(self, interval: Any) -> None:
        """States at the pins of an interval: (states, intervals * pins, people)."""
        f, b, args, count = self.f, self.f.builder, self.f.arguments, len(self.recipe.states)
        rows = b.mul(args["intervals"], args["pins"])
        if not self.pinned:
            for i, name in enumerate(self.recipe.states):
                at = f.index((f.index((rows, i), interval), args["people"]), self.lane)
                f.store(f.get(self.current[name]), args["states"], at)
            return
        with f.loop(whole(0), args["pins"]) as pin:
            place = f.index((f.index((self.row, args["pins"]), pin), args["people"]), self.lane)
            with f.loop(whole(0), whole(WIDTH)) as lane:
                edge = f.whole_at(args["reached"], b.add(place, lane))
                for i in range(count):
                    value = b.load(
                        f.at(args["scratch"], f.index((edge, count * WIDTH), i * WIDTH, lane)), typ=DOUBLE
                    )
                    row = f.index((rows, i), (interval, args["pins"]), pin)
                    b.store(value, f.at(args["states"], f.index((row, args["people"]), self.lane, lane)))

    def _record_seen(self, interval: Any) -> None:
        """Amplitudes, states before the dose, the last dose and the time since it: (intervals, rows, people)."""
        f = self.f
        values = [*self.amplitude, *(self.before[name] for name in self.recipe.before), self.dose, self.tad]
        for i, variable in enumerate(values):
            row = f.index((interval, len(values)), i)
            f.store(f.get(variable), f.arguments["seen"], f.index((row, f.arguments["people"]), self.lane))
