// Softmax and cross-entropy of three logits, at a temperature (syllabus L1, L2, L5).
import { drag, fixed, frame, node, plot, points, reset, set, slider } from "./_kit.js";

export const TEMPERATURES = [0.25, 0.5, 0.7, 1, 1.4, 2, 3, 4];
const [REACH, TOP] = [2, 8];
const GRID = Array.from({ length: 81 }, (_, i) => (i - 40) / 10);

/** Probabilities of the logits over T, largest subtracted first. */
export function softmax(logits, temperature) {
  const top = Math.max(...logits);
  const powers = logits.map((h) => Math.exp((h - top) / temperature));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((e) => e / total);
}

/** Cross-entropy of class 1 at margin m, when the best rival leads the other one by `gap`. */
export const loss = (margin, gap, temperature) => {
  const rest = -margin / temperature + Math.log1p(Math.exp(-gap / temperature)); // of ln(odds against class 1)
  return Math.max(rest, 0) + Math.log1p(Math.exp(-Math.abs(rest)));
};

/** How hard the loss pulls at the true logit, −∂L/∂h₁ = (1 − p₁)/T. */
export const pull = (margin, gap, temperature) => -Math.expm1(-loss(margin, gap, temperature)) / temperature;

/** Everything the picture shows, as numbers. */
export function state({ first, second, third, temperature }) {
  const p = softmax([first, second, third], temperature);
  const margin = first - Math.max(second, third);
  const gap = Math.abs(second - third);
  return { p, margin, gap, loss: loss(margin, gap, temperature), pull: pull(margin, gap, temperature),
    gradient: p.map((value, k) => (value - (k === 0 ? 1 : 0)) / temperature) };
}

/** The picture in words. */
export function describe(setting) {
  const now = state(setting);
  const verdict = now.margin > 1e-9 ? "right" : now.margin < -1e-9 ? "wrong" : "undecided";
  return `At margin ${fixed(now.margin, 1)} and temperature ${setting.temperature} the decision is ${verdict}: the true class has `
    + `probability ${fixed(now.p[0], 3)}, the loss is ${fixed(now.loss, 3)}, and its gradient pulls the true logit up `
    + `with ${fixed(now.pull, 3)}.`;
}

function curves(model) {
  const area = plot({ width: 360, height: 330, margin: [22, 8, 34, 30], label: model.get("alt"),
    x: { domain: [-4, 4], ticks: [-4, -2, 0, 2, 4].map((v) => [v, fixed(v, 0)]), label: "margin h_1 − max(h_2, h_3)" },
    y: { domain: [0, TOP], ticks: [0, 2, 4, 6, 8].map((v) => [v, fixed(v, 0)]), label: "loss" } });
  const step = node("polyline", { class: "live-max", points: points(area, [-4, 0, 0, 4], [1, 1, 0, 0]) });
  const [value, slope] = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const tags = [["shallow", -2.2, 0, "cross-entropy"], ["steep", -3.9, 0.3, "its pull"]].map(([name, x, y, text]) =>
    node("text", { class: `live-${name} live-tag`, x: area.x(x), y: area.y(y) }, text));
  const rule = node("line", { class: "live-now" });
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([margin]) => {
    const rival = Math.max(model.get("second"), model.get("third"));
    model.set("first", Math.round(10 * Math.min(REACH, Math.max(-REACH, margin + rival))) / 10);
    model.save_changes();
  });
  area.inside.append(step, value, slope, rule, ...tags);
  area.over.append(grip);
  return { svg: area.svg, draw(now, { temperature }) {
    set(value, { points: points(area, GRID, GRID.map((m) => loss(m, now.gap, temperature))) });
    set(slope, { points: points(area, GRID, GRID.map((m) => pull(m, now.gap, temperature))) });
    const beside = loss(-2.2, now.gap, temperature); // where the curve's name shall stand
    set(tags[0], { x: area.x(beside > 6.9 ? -1.5 : -2.2), y: area.y(Math.min(beside + 0.4, 7.3)).toFixed(2) });
    set(tags[1], { y: area.y(Math.max(0.3, pull(-4, now.gap, temperature) - 0.75)).toFixed(2) });
    const height = Math.min(now.loss, TOP);
    set(rule, { x1: area.x(now.margin), x2: area.x(now.margin), y1: area.y(height), y2: area.y(0) });
    set(grip, { transform: `translate(${area.x(now.margin).toFixed(2)} ${area.y(height).toFixed(2)})` });
  } };
}

function bars() {
  const area = plot({ width: 270, height: 200, margin: [24, 8, 34, 34],
    label: "Stems of the three probabilities and of probability minus target.",
    x: { domain: [0, 3], ticks: [[0.5, "true"], [1.5, "2"], [2.5, "3"]], label: "class" },
    y: { domain: [-1, 1], ticks: [-1, 0, 1].map((v) => [v, fixed(v, 0)]), label: "probability, and minus target" } });
  const zero = node("path", { class: "live-limit", d: `M${area.x(0)} ${area.y(0)}H${area.x(3)}` });
  const stems = [0, 1, 2].map(() => ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}`, style: "stroke-width: 9" })));
  area.inside.append(zero, ...stems.flat());
  return { svg: area.svg, draw(now) {
    stems.forEach((pair, k) => [now.p[k], now.p[k] - (k === 0 ? 1 : 0)].forEach((height, i) => {
      const x = k + 0.38 + 0.24 * i;
      set(pair[i], { points: points(area, [x, x], [0, height]) });
    }));
  } };
}

function readout() {
  const cells = [0, 1, 2].map(() => [node("td"), node("td")]);
  const totals = [0, 1].map(() => [node("td"), node("td")]);
  const row = (name, pair) => node("tr", {}, node("th", { scope: "row" }, name), pair);
  const swatch = (name, text) => [node("span", { class: `live-swatch live-${name}` }), text];
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["class", "p", "∂L/∂h"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, ["1 (true)", "2", "3"].map((name, k) => row(name, cells[k]))),
    node("tbody", {}, row(swatch("shallow", "loss"), totals[0]), row(swatch("max", "0–1 loss"), totals[1])));
  return { table, draw(now) {
    now.p.forEach((p, k) => {
      cells[k][0].textContent = fixed(p, 3);
      cells[k][1].textContent = fixed(now.gradient[k], 3);
    });
    totals[0][0].textContent = fixed(now.loss, 3);
    totals[1][0].textContent = now.margin > 1e-9 ? "0" : "1";
  } };
}

function render({ model, el }) {
  const traits = ["first", "second", "third", "temperature"];
  const [left, side, table] = [curves(model), bars(), readout()];
  const names = ["logit of the true class", "logit of class 2", "logit of class 3"];
  const sliders = names.map((name, k) => slider(model, traits[k], { symbol: `h${"₁₂₃"[k]}`, name, min: -REACH, max: REACH,
    step: 0.1, show: (v) => fixed(v, 1) }));
  sliders.push(slider(model, "temperature", { symbol: "T", name: "temperature", values: TEMPERATURES, show: String }));
  const figure = frame(model, el, [["main", left.svg], ["controls", ...sliders.map((s) => s.el), reset(model, traits)],
    ["side", side.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    left.draw(shown, now);
    side.draw(shown);
    table.draw(shown);
    figure.say(describe(now));
  });
  return () => [...sliders, figure].forEach((part) => part.dispose());
}

export default { render };
