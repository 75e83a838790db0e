// Forward and backward factor of a layer, and of twelve, by the choice of var w (syllabus I1–I3).
import { drag, fixed, frame, node, plot, points, reset, set, slider, toggle } from "./_kit.js";
import { size } from "./_size.js";

export const LAYERS = 12;
const RATIOS = [0.25, 1 / 3, 0.5, 2 / 3, 0.8, 1, 1.25, 1.5, 2, 3, 4];
const POWERS = [4, 2, 0, -2, -4];
const REACH = 2.5; // the plane shows 2^−2.5 … 2^2.5

/** Factors on the variance, forward and backward, of a layer with N_y = r N_x and 1/var w = (1 − a)N_x + aN_y. */
export function factors(ratio, mix) {
  const forward = 1 / (1 - mix + mix * ratio);
  return [forward, ratio * forward];
}

/** Variance of the signal at each layer, and of the gradient sent back from the last one. */
export function chain({ ratio, mix, turns }) {
  const layers = Array.from({ length: LAYERS }, (_, l) => factors(turns && l % 2 ? 1 / ratio : ratio, mix));
  const [forward, backward] = [[1], [1]];
  layers.forEach(([f]) => forward.push(forward[forward.length - 1] * f));
  [...layers].reverse().forEach(([, b]) => backward.push(backward[backward.length - 1] * b));
  return [forward, backward.reverse()];
}

/** The mix whose forward factor comes nearest, in steps of 0.05. */
export function mixFor(ratio, forward) {
  const mix = (1 / forward - 1) / (ratio - 1);
  return Number.isFinite(mix) ? Math.round(20 * Math.min(1, Math.max(0, mix))) / 20 : 0.5;
}

function name(mix) {
  return { 0: "the LeCun", 0.5: "the Xavier", 1: "the backward" }[mix] ?? "a mixed";
}

/** The picture in words. */
export function describe({ ratio, mix, turns }) {
  const [f, b] = factors(ratio, mix);
  const [forward, backward] = chain({ ratio, mix, turns });
  return `With ${name(mix)} choice, var w = ${fixed(f, 3)}/fan-in, a layer whose fan-out is ${fixed(ratio)} times its `
    + `fan-in multiplies the variance by ${fixed(f, 3)} forward and by ${fixed(b, 3)} backward. Twelve layers, `
    + `${turns ? "wide and narrow by turns" : "each with this ratio"}: forward ${size(forward[LAYERS])}, `
    + `backward ${size(backward[0])}.`;
}

function plane(model) {
  const ticks = [-2, -1, 0, 1, 2].map((v) => [v, ["¼", "½", "1", "2", "4"][v + 2]]);
  const area = plot({ width: 360, height: 350, margin: [20, 8, 34, 26], label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "forward factor N_x var w" },
    y: { domain: [-REACH, REACH], ticks, label: "backward factor N_y var w" } });
  const [ox, oy] = [area.x(0), area.y(0)];
  const bend = Array.from({ length: 41 }, (_, i) => 2 ** ((i - 20) / 4)).map((r) => factors(r, 0.5).map(Math.log2));
  area.inside.append(
    node("path", { class: "live-rule", d: `M${ox} ${area.y(-REACH)}V${area.y(REACH)}M${area.x(-REACH)} ${oy}H${area.x(REACH)}` }),
    node("polyline", { class: "live-max", points: points(area, bend.map((p) => p[0]), bend.map((p) => p[1])) }));
  const ray = node("polyline", { class: "live-path" });
  area.inside.append(ray);
  [["LeCun", ox + 5, area.y(2.2), "start"], ["backward only", area.x(-2.4), oy - 5, "start"],
    ["Xavier", area.x(0.6), area.y(-1.5), "end"]].forEach(([text, x, y, anchor]) => area.inside.append(
    node("text", { class: "live-tag", x, y, "text-anchor": anchor }, text)));
  area.over.append(node("path", { class: "live-best", d: "M0 -6L6 0L0 6L-6 0Z", transform: `translate(${ox} ${oy})` }));
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([x]) => {
    model.set("mix", mixFor(model.get("ratio"), 2 ** x));
    model.save_changes();
  });
  area.over.append(grip);
  return { svg: area.svg, draw({ ratio, mix }) {
    const shift = Math.log2(ratio);
    const [f, b] = factors(ratio, mix).map(Math.log2);
    set(ray, { points: points(area, [-REACH, REACH], [shift - REACH, shift + REACH]) });
    set(grip, { transform: `translate(${area.x(f).toFixed(2)} ${area.y(b).toFixed(2)})` });
  } };
}

function depths() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34], label:
    "Variance of signal and gradient at each of twelve layers, logarithmic.",
    x: { domain: [0, LAYERS], ticks: [0, 4, 8, 12].map((v) => [v, v]), label: "layer" },
    y: { domain: [1e-4, 1e4], log: true, label: "variance",
      ticks: POWERS.map((p) => [10 ** p, `10${[...fixed(p, 0)].map((d) => "⁰¹²³⁴"[d] ?? "⁻").join("")}`]) } });
  const lines = ["shallow", "steep"].map((kind) => node("polyline", { class: `live-${kind}` }));
  area.inside.append(...lines,
    node("text", { class: "live-shallow live-tag", x: area.x(0.3), y: area.y(4e-4), "text-anchor": "start" }, "signal →"),
    node("text", { class: "live-steep live-tag", x: area.x(11.7), y: area.y(4e-4), "text-anchor": "end" }, "← gradient"));
  return { svg: area.svg, draw: (now) => chain(now).forEach((values, i) => set(lines[i],
    { points: points(area, values.map((_, l) => l), values) })) };
}

function readout() {
  const cells = [0, 1].map(() => [node("td"), node("td")]);
  const row = (i, kind, text) => node("tr", {},
    node("th", { scope: "row" }, node("span", { class: `live-swatch live-${kind}` }), text), ...cells[i]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["factor", "this layer", "twelve"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, "shallow", "forward"), row(1, "steep", "backward")));
  return { table, draw(now) {
    const [forward, backward] = chain(now);
    [forward[LAYERS], backward[0]].forEach((total, i) => {
      cells[i][0].textContent = fixed(factors(now.ratio, now.mix)[i], 3);
      cells[i][1].textContent = size(total);
    });
  } };
}

function render({ model, el }) {
  const traits = ["ratio", "mix", "turns"];
  const [left, right, table] = [plane(model), depths(), readout()];
  const ratio = slider(model, "ratio", { symbol: "r", name: "fan-out / fan-in", values: RATIOS });
  const mix = slider(model, "mix", { symbol: "a", name: "weight of fan-out in 1/var w", min: 0, max: 1, step: 0.05 });
  mix.mark([[0, "LeCun", "after"], [0.5, "Xavier", "after"], [1, "backward", "before"]]);
  const turns = toggle(model, "turns", { name: "wide and narrow by turns" });
  const figure = frame(model, el, [["main", left.svg],
    ["controls", ratio.el, mix.el, turns.el, reset(model, traits)], ["side", right.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((trait) => [trait, model.get(trait)]));
    [left, right, table].forEach((part) => part.draw(now));
    figure.say(describe(now));
  });
  return () => [ratio, mix, turns, figure].forEach((part) => part.dispose());
}

export default { render };
