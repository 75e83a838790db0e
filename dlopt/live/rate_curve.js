// The rate of gradient descent as a function of its step size (syllabus Q1, Q3, Q13).
import { drag, fixed, frame, node, plot, points, reset, rich, set, slider } from "./_kit.js";
import { factor, regime, stepsPerDigit, worst } from "./_rates.js";

const KAPPAS = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100];
const [LOW, HIGH] = [0.02, 2.5];

/** max(|1 − ηλ₁|, |1 − ηλ_M|) with λ₁ = 1/κ and λ_M = 1. */
export const rate = (eta, kappa) => Math.max(Math.abs(factor(eta, 1 / kappa)), Math.abs(factor(eta, 1)));

/** The best step size η* = 2/(λ₁ + λ_M) and its rate (κ − 1)/(κ + 1). */
export const best = (kappa) => [2 / (1 / kappa + 1), (kappa - 1) / (kappa + 1)];

/** Everything the picture shows, as numbers. */
export function state({ eta, kappa }) {
  const factors = [factor(eta, 1 / kappa), factor(eta, 1)];
  const regimes = factors.map(regime);
  return { factors, regimes, overall: worst(regimes), rate: rate(eta, kappa), best: best(kappa),
    steps: stepsPerDigit(rate(eta, kappa)) };
}

/** Steps per digit in words. */
export function price(steps) {
  if (steps === Infinity) return "never";
  return steps < 0.1 ? "one step" : fixed(steps, 1);
}

/** The picture in words. */
export function describe({ eta, kappa }) {
  const now = state({ eta, kappa });
  const slow = Math.abs(now.factors[0]) > Math.abs(now.factors[1]) ? "shallow" : "steep";
  const who = Math.abs(Math.abs(now.factors[0]) - Math.abs(now.factors[1])) < 1e-9 ? "both directions equally"
    : `the ${slow} direction`;
  const digits = { Infinity: "the error never shrinks", 0: "the minimum is reached in one step" }[now.steps]
    ?? `one more digit every ${price(now.steps)} steps`;
  return `At η = ${fixed(eta)} the rate is ${fixed(now.rate, 3)}, set by ${who}: ${now.overall}, ${digits}. `
    + `The best step size is ${fixed(now.best[0], 3)} with rate ${fixed(now.best[1], 3)}.`;
}

function curve(model) {
  const area = plot({ width: 360, height: 340, margin: [22, 8, 34, 34], role: "img", label: model.get("alt"),
    x: { domain: [0, HIGH], ticks: [0, 0.5, 1, 1.5, 2].map((v) => [v, fixed(v, 1)]), label: "step size η" },
    y: { domain: [0, 1.5], ticks: [0, 0.25, 0.5, 0.75, 1, 1.25].map((v) => [v, fixed(v)]), label: "rate" } });
  const [left, right, top, bottom] = [area.x(0), area.x(HIGH), area.y(1.5), area.y(0)];
  area.inside.append(
    node("rect", { class: "live-forbidden", x: area.x(2), y: top, width: right - area.x(2), height: bottom - top }),
    node("path", { class: "live-limit", d: `M${left} ${area.y(1)}H${right}M${area.x(2)} ${top}V${bottom}` }),
    node("line", { class: "live-rule", x1: area.x(1), x2: area.x(1), y1: top, y2: bottom }));
  [[0.5, "monotone"], [1.5, "oscillating"], [2.25, "diverging"]].forEach(([eta, text]) => area.over.append(
    node("text", { class: "live-note", x: area.x(eta), y: top - 6, "text-anchor": "middle" }, text)));
  const whole = node("polyline", { class: "live-max" });
  const branches = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const drop = node("path", { class: "live-rule" });
  const diamond = node("path", { class: "live-best", d: "M0 -6L6 0L0 6L-6 0Z" });
  const label = node("text", { class: "live-tag", "text-anchor": "end" }, "η*");
  const tags = [["shallow", "|1 − ηλ_1|", right - 5, "end"], ["steep", "|1 − ηλ_M|", left + 8, "start"]].map(
    ([name, text, x, anchor]) => node("text", { class: `live-${name} live-tag`, x, "text-anchor": anchor },
      rich(text, "tspan")));
  set(tags[1], { y: area.y(0.3) });
  const rule = node("line", { class: "live-now" });
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([eta]) => {
    model.set("eta", Math.round(Math.min(HIGH, Math.max(LOW, eta)) * 100) / 100);
    model.save_changes();
  });
  area.inside.append(whole, ...branches, drop, rule, ...tags);
  area.over.append(diamond, label, grip);
  return { svg: area.svg, draw(now, { eta, kappa }) {
    const [etaBest, rateBest] = now.best;
    [1 / kappa, 1].forEach((curvature, i) => {
      const knots = [0, Math.min(1 / curvature, HIGH), HIGH]; // straight in between
      set(branches[i], { points: points(area, knots, knots.map((v) => Math.abs(factor(v, curvature)))) });
    });
    const beside = [2, HIGH].map((v) => Math.abs(factor(v, 1 / kappa))); // where the branch's name shall stand
    const [low, high] = [Math.min(...beside), Math.max(...beside)];
    set(tags[0], { y: low > 0.15 ? area.y(low) + 16 : area.y(high) - 8 });
    set(whole, { points: points(area, [0, etaBest, HIGH], [0, etaBest, HIGH].map((v) => rate(v, kappa))) });
    set(drop, { d: `M${area.x(etaBest)} ${area.y(rateBest)}V${bottom}` });
    set(diamond, { transform: `translate(${area.x(etaBest).toFixed(2)} ${area.y(rateBest).toFixed(2)})` });
    set(label, { x: area.x(etaBest) - 5, y: bottom - 6 });
    set(rule, { x1: area.x(eta), x2: area.x(eta), y1: area.y(now.rate), y2: bottom });
    set(grip, { transform: `translate(${area.x(eta).toFixed(2)} ${area.y(now.rate).toFixed(2)})` });
  } };
}

function readout() {
  const cells = [0, 1].map(() => ({ factor: node("td"), regime: node("td") }));
  const row = (i, name, symbol) => node("tr", {},
    node("th", { scope: "row" }, node("span", { class: `live-swatch live-${name}` }), `${name} `, rich(symbol)),
    cells[i].factor, cells[i].regime);
  const total = { rate: node("td"), overall: node("b"), steps: node("td"), best: node("td"), bestRate: node("td") };
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["direction", "1 − ηλ", "regime"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, "shallow", "λ_1"), row(1, "steep", "λ_M")),
    node("tbody", {},
      node("tr", {}, node("th", { scope: "row" }, node("span", { class: "live-swatch live-max" }), "rate"), total.rate,
        node("td", {}, total.overall)),
      node("tr", {}, node("th", { scope: "row" }, "steps per digit"), total.steps, node("td"))),
    node("tbody", {},
      node("tr", {}, node("th", { scope: "row" }, node("span", { class: "live-gem" }), "best η*"), total.best, node("td")),
      node("tr", {}, node("th", { scope: "row" }, "its rate"), total.bestRate, node("td"))));
  return { table, draw(now) {
    now.factors.forEach((f, i) => {
      cells[i].factor.textContent = fixed(f, 3);
      cells[i].regime.textContent = now.regimes[i];
    });
    total.rate.textContent = fixed(now.rate, 3);
    total.overall.textContent = now.overall;
    total.steps.textContent = price(now.steps);
    total.best.textContent = fixed(now.best[0], 3);
    total.bestRate.textContent = fixed(now.best[1], 3);
  } };
}

function render({ model, el }) {
  const traits = ["eta", "kappa"];
  const [left, table] = [curve(model), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "step size", min: LOW, max: HIGH, step: 0.01 });
  const kappa = slider(model, "kappa", { symbol: "κ", name: "condition number", values: KAPPAS, show: String });
  const figure = frame(model, el, [["main", left.svg], ["controls", eta.el, kappa.el, reset(model, traits)],
    ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    left.draw(shown, now);
    table.draw(shown);
    eta.mark([[shown.best[0], "η*", "before"], [2, "2/λ_M", "after"]]);
    figure.say(describe(now));
  });
  return () => [eta, kappa, figure].forEach((part) => part.dispose());
}

export default { render };
