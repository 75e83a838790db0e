// How strongly to whiten: what ε and dropped directions leave of κ, and what they do to noise (syllabus W2).
import { drag, fixed, frame, node, plot, points, reset, rich, set, slider } from "./_kit.js";
import { stepsPerDigit } from "./_rates.js";

export const NOISE = 1 / (12 * 16 * 16); // variance of rounding to 17 levels of grey
const [LOW, HIGH] = [-8, 1];
const GRID = Array.from({ length: 37 }, (_, i) => LOW + i / 4);

/** Condition number and loudest noise among the first `kept` directions at strength ε. */
export function trade(spectrum, kept, eps) {
  const [first, last] = [spectrum[0], spectrum[kept - 1]];
  return { kappa: ((first / (first + eps)) * (last + eps)) / last, loudest: NOISE / (last + eps) };
}

/** Everything the picture shows, as numbers. */
export function state({ strength, kept, spectrum }) {
  const eps = 10 ** strength;
  const shown = spectrum.slice(0, kept);
  const total = (all) => all.reduce((sum, d) => sum + d, 0);
  const { kappa, loudest } = trade(spectrum, kept, eps);
  return { eps, kappa, loudest, signal: shown.map((d) => d / (d + eps)), noise: shown.map((d) => NOISE / (d + eps)),
    drowned: shown.filter((d) => d < NOISE).length, share: total(shown) / total(spectrum),
    steps: stepsPerDigit((kappa - 1) / (kappa + 1)), curves: GRID.map((s) => trade(spectrum, kept, 10 ** s)) };
}

const power = (exponent) => `10${[...String(exponent)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d] ?? "⁻").join("")}`;

/** 0.0000034 → "3.4·10⁻⁶"; plain where three decimals suffice. */
export function written(value) {
  if (value >= 0.01 && value < 1000) return fixed(value, 3);
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${digits}·${power(Number(exponent))}`;
}

const price = (steps) => (steps < 0.1 ? "one step" : written(steps));

/** The picture in words. */
export function describe({ strength, kept, spectrum }) {
  const now = state({ strength, kept, spectrum });
  const speed = now.steps < 0.1 ? "one step suffices" : `${price(now.steps)} steps per digit`;
  return `With ε = ${written(now.eps)} and the first ${kept} of 60 directions κ is ${written(now.kappa)}: ${speed}. In the last `
    + `direction kept, noise ends with variance ${written(now.loudest)} beside a signal of ${written(now.signal[kept - 1])}. `
    + `${now.drowned} of the directions kept carry more noise than signal.`;
}

function spectrumPlot(model) {
  const area = plot({ width: 360, height: 340, margin: [22, 8, 34, 34], label: model.get("alt"),
    x: { domain: [0, 61], ticks: [1, 20, 40, 60].map((v) => [v, v]), label: "direction" },
    y: { domain: [1e-7, 1e4], log: true, label: "variance along it", ticks: [-6, -4, -2, 0, 2].map((p) => [10 ** p, power(p)]) } });
  const [left, right, top, bottom] = [area.x(0), area.x(61), area.y(1e4), area.y(1e-7)];
  const spectrum = model.get("spectrum");
  const ranks = spectrum.map((_, i) => i + 1);
  const dropped = node("rect", { class: "live-forbidden", y: top, height: bottom - top });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  area.inside.append(dropped, node("path", { class: "live-limit", d: `M${left} ${area.y(1)}H${right}` }),
    node("polyline", { class: "live-max", points: points(area, ranks, spectrum) }), ...lines,
    ...[["live-note", 44, "before"], ["live-shallow live-tag", 94, "signal after"],
      ["live-steep live-tag", 184, "noise after"]].map(([name, x, text]) => node("text", { class: name, x, y: 39 }, text)));
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([at]) => {
    model.set("kept", Math.round(Math.min(60, Math.max(1, at))));
    model.save_changes();
  });
  area.over.append(grip);
  return { svg: area.svg, draw(now, { kept }) {
    const edge = Math.min(area.x(kept + 0.5), right);
    set(dropped, { x: edge.toFixed(2), width: (right - edge).toFixed(2) });
    [now.signal, now.noise].forEach((values, i) => set(lines[i], { points: points(area, ranks.slice(0, kept), values) }));
    set(grip, { transform: `translate(${area.x(kept).toFixed(2)} ${area.y(now.signal[kept - 1]).toFixed(2)})` });
  } };
}

function tradePlot() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34],
    label: "Against ε, both logarithmic: the condition number rises, the loudest noise falls.",
    x: { domain: [LOW, HIGH], ticks: [-8, -4, 0].map((v) => [v, power(v)]), label: "ε" },
    y: { domain: [1e-4, 1e8], log: true, label: "κ and loudest noise", ticks: [-4, 0, 4].map((p) => [10 ** p, power(p)]) } });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const rule = node("line", { class: "live-now", y1: area.y(1e8), y2: area.y(1e-4) });
  area.inside.append(node("path", { class: "live-limit", d: `M${area.x(LOW)} ${area.y(1)}H${area.x(HIGH)}` }), rule, ...lines,
    ...[["shallow", 40, "κ"], ["steep", 60, "loudest noise"]].map(([name, x, text]) => node("text",
      { class: `live-${name} live-tag`, x, y: 39 }, text)));
  return { svg: area.svg, draw(now, { strength }) {
    ["kappa", "loudest"].forEach((name, i) => set(lines[i], { points: points(area, GRID, now.curves.map((c) => c[name])) }));
    const x = area.x(strength).toFixed(2);
    set(rule, { x1: x, x2: x });
  } };
}

function readout() {
  const cells = Array.from({ length: 6 }, () => [node("td"), node("td")]);
  const row = (i, ...head) => node("tr", {}, node("th", { scope: "row" }, head), cells[i]);
  const swatch = (name, text) => [node("span", { class: `live-swatch live-${name}` }), ...rich(text)];
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["variance", "first", "last kept"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, ...swatch("max", "before")), row(1, ...swatch("shallow", "signal after")),
      row(2, ...swatch("steep", "noise after"))),
    node("tbody", {}, row(3, "condition κ"), row(4, "steps per digit"), row(5, "variance kept")));
  return { table, draw(now, { kept, spectrum }) {
    const texts = [spectrum, now.signal, now.noise].map((all) => [written(all[0]), written(all[kept - 1])]);
    texts.push([written(now.kappa), ""], [price(now.steps), ""], [`${fixed(100 * now.share)} %`, ""]);
    texts.forEach((pair, i) => pair.forEach((text, j) => { cells[i][j].textContent = text; }));
  } };
}

function render({ model, el }) {
  const traits = ["strength", "kept"];
  const parts = [spectrumPlot(model), tradePlot(), readout()];
  const strength = slider(model, "strength", { symbol: "ε", name: "regularization", min: LOW, max: HIGH, step: 0.25,
    show: (v) => written(10 ** v) });
  const kept = slider(model, "kept", { symbol: "k", name: "directions kept", min: 1, max: 60, step: 1, show: String });
  const figure = frame(model, el, [["main", parts[0].svg], ["controls", strength.el, kept.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries([...traits, "spectrum"].map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [strength, kept, figure].forEach((part) => part.dispose());
}

export default { render };
