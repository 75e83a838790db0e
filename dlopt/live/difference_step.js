// The error of a difference quotient against its step h: truncation, rounding, and digits that cancel (syllabus H3).
import { drag, fixed, frame, node, plot, points, reset, set, slider, toggle } from "./_kit.js";

const FUNCTIONS = ["x³", "x²", "1/x", "√x", "x/(1 + x²)", "x + |x − 1|"];
const [FIRST, LAST, FLOOR] = [2, 52, 1e-17];
const KS = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);

/** A function's value, every operation rounded by r: the same bits in every language. */
export function value(which, x, r) {
  if (which === 0) return r(r(x * x) * x);
  if (which === 1) return r(x * x);
  if (which === 2) return r(1 / x);
  if (which === 3) return r(Math.sqrt(x));
  if (which === 4) return r(x / r(1 + r(x * x)));
  return r(x + Math.abs(r(x - 1)));
}

/** First, second and third derivative. */
export function slopes(which, x) {
  const q = 1 + x * x;
  return [[3 * x * x, 6 * x, 6], [2 * x, 2, 0], [-1 / (x * x), 2 / x ** 3, -6 / x ** 4],
    [0.5 / Math.sqrt(x), -0.25 / (x * Math.sqrt(x)), 0.375 / (x * x * Math.sqrt(x))],
    [(1 - x * x) / q ** 2, (2 * x * (x * x - 3)) / q ** 3, (-6 * (x ** 4 - 6 * x * x + 1)) / q ** 4],
    [1 + Math.sign(x - 1), 0, 0]][which];
}

/** f ahead, f behind (or here), their difference quotient, and its distance from the derivative, at step 2⁻ᵏ. */
export function quotient({ which, x, central, single }, k) {
  const r = single ? Math.fround : (v) => v;
  const at = r(x);
  const h = 2 ** -k;
  const ahead = value(which, r(at + h), r);
  const behind = value(which, central ? r(at - h) : at, r);
  const slope = r(r(ahead - behind) / (central ? 2 * h : h));
  return { ahead, behind, slope, error: Math.abs(slope - slopes(which, at)[0]) };
}

/** What theory expects: the error of exact arithmetic to leading order, and what rounding adds, about. */
export function theory({ which, x, central, single }, h) {
  const [first, second, third] = slopes(which, x);
  const unit = single ? 2 ** -24 : 2 ** -53;
  const noise = unit * (Math.abs(value(which, x, (v) => v)) + Math.abs(x * first)) * (central ? 1 : 2);
  const truncation = central ? (Math.abs(third) * h * h) / 6 : (Math.abs(second) * h) / 2;
  const best = central ? Math.cbrt((3 * noise) / Math.abs(third)) : Math.sqrt((2 * noise) / Math.abs(second));
  return { truncation, rounding: noise / h, best };
}

/** Everything the picture shows, as numbers. */
export function state(now) {
  const errors = KS.map((k) => quotient(now, k).error);
  const h = 2 ** -now.k;
  return { errors, h, ...quotient(now, now.k), truth: slopes(now.which, now.x)[0], ...theory(now, h) };
}

/** 0.000012 → "1.2·10⁻⁵". */
export function tenth(number) {
  if (number === 0 || !Number.isFinite(number)) return number === 0 ? "0" : "none";
  const [mantissa, exponent] = number.toExponential(1).split("e");
  const raised = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
  return `${mantissa}·10${raised}`;
}

/** Two numbers with all the digits they have, and how many leading characters they share. */
export function digits({ ahead, behind }, single) {
  const pair = [ahead, behind].map((v) => v.toPrecision(single ? 9 : 17));
  let common = 0;
  while (common < pair[0].length && pair[0][common] === pair[1][common]) common += 1;
  return [...pair, common];
}

const good = (error, truth) => Math.max(0, -Math.log10(error / Math.abs(truth)));

/** How many digits of the slope are right. */
export function right({ error, truth }) {
  if (truth === 0) return error === 0 ? "all" : "none";
  return error === 0 ? "all" : fixed(good(error, truth), 1);
}

/** The picture in words. */
export function describe(now) {
  const s = state(now);
  const way = `${now.central ? "central" : "forward"} differences in ${now.single ? "single" : "double"} precision`;
  return `${FUNCTIONS[now.which]} at x = ${fixed(now.x, 1)}, ${way}, h = ${tenth(s.h)}: the slope is wrong by ${tenth(s.error)}; `
    + `truncation accounts for ${tenth(s.truncation)}, rounding for about ${tenth(s.rounding)}. Right digits: ${right(s)}. `
    + `Best step by theory: ${tenth(s.best)}.`;
}

const LOG = Math.log10;
const POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const tick = (e) => [e, `10${e < 0 ? "⁻" : ""}${[...String(Math.abs(e))].map((c) => POWERS[c]).join("")}`];

function curve(model) {
  const area = plot({ width: 360, height: 330, margin: [22, 8, 34, 40], label: model.get("alt"),
    x: { domain: [-16, -0.4], ticks: [-16, -12, -8, -4].map(tick), label: "step h" },
    y: { domain: [FLOOR, 100], log: true, label: "error of the slope",
      ticks: [0, -4, -8, -12, -16].map((e) => [10 ** e, tick(e)[1]]) } });
  const truncation = node("polyline", { class: "live-shallow" });
  const rounding = node("polyline", { class: "live-steep" });
  const path = node("polyline", { class: "live-path" });
  const dots = node("g", { class: "live-dots" }, KS.map(() => node("circle", { r: 2 })));
  const best = node("line", { class: "live-rule", y1: area.y(100), y2: area.y(FLOOR) });
  const tags = [["shallow", "truncation"], ["steep", "rounding, about"]].map(([name, text], i) =>
    node("text", { class: `live-${name} live-tag`, x: i ? area.x(-15.8) : area.x(-0.6), y: area.y(1e-16),
      "text-anchor": i ? "start" : "end" }, text));
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([x]) => {
    model.set("k", Math.min(LAST, Math.max(FIRST, Math.round(-x / LOG(2)))));
    model.save_changes();
  });
  area.inside.append(best, truncation, rounding, path, dots, ...tags);
  area.over.append(grip);
  return { svg: area.svg, draw(s, now) {
    const xs = KS.map((k) => LOG(2 ** -k));
    const shown = s.errors.map((e) => Math.max(e, FLOOR));
    const both = KS.map((k) => theory(now, 2 ** -k));
    set(truncation, { points: points(area, xs, both.map((t) => Math.max(t.truncation, 1e-30))) });
    set(rounding, { points: points(area, xs, both.map((t) => t.rounding)) });
    set(path, { points: points(area, xs, shown) });
    shown.forEach((e, i) => {
      const [cx, cy] = points(area, [xs[i]], [e]).split(",");
      set(dots.children[i], { cx, cy });
    });
    const at = Number.isFinite(s.best) ? area.x(LOG(s.best)).toFixed(2) : -99;
    set(best, { x1: at, x2: at });
    const [gx, gy] = points(area, [LOG(s.h)], [Math.max(s.error, FLOOR)]).split(",");
    set(grip, { transform: `translate(${gx} ${gy})` });
  } };
}

function cancelling() {
  const svg = node("svg", { class: "live-plot", viewBox: "0 0 270 112", role: "img",
    "aria-label": "The two values of the function with all their digits; those that agree are grey and cancel." });
  const row = (y) => node("text", { x: 2, y, style: "font-size: 15px; font-variant-numeric: tabular-nums" });
  const heads = [16, 62].map((y) => node("text", { class: "live-note", x: 2, y }));
  const pairs = [36, 82].map((y) => {
    const [same, own] = [node("tspan", { class: "live-sub-none", "fill-opacity": 0.45 }), node("tspan", { "font-weight": 600 })];
    const text = row(y);
    text.append(same, own);
    return [same, own];
  });
  const verdict = node("text", { class: "live-note", x: 2, y: 106 });
  svg.append(heads[0], pairs[0][0].parentNode, heads[1], pairs[1][0].parentNode, verdict);
  return { svg, draw(s, now) {
    const [a, b, common] = digits(s, now.single);
    heads[0].textContent = "f(x + h)";
    heads[1].textContent = now.central ? "f(x − h)" : "f(x)";
    [a, b].forEach((text, i) => {
      pairs[i][0].textContent = text.slice(0, common);
      pairs[i][1].textContent = text.slice(common);
    });
    verdict.textContent = "grey digits cancel in the difference";
  } };
}

function readout() {
  const names = ["slope by differences", "derivative", "error", "truncation", "rounding, about", "best h by theory"];
  const cells = names.map(() => node("td"));
  const said = node("td");
  const body = (from, to) => node("tbody", {}, names.slice(from, to).map((name, i) => node("tr", {},
    node("th", { scope: "row" }, name), cells[from + i], from + i === 2 ? said : node("td"))));
  const table = node("table", { class: "live-pair" },
    node("thead", {}, node("tr", {}, ["quantity", "value", "right digits"].map((t) => node("th", { scope: "col" }, t)))),
    body(0, 3), body(3, 6));
  return { table, draw(s) {
    [fixed(s.slope, 9), fixed(s.truth, 9), tenth(s.error), tenth(s.truncation), tenth(s.rounding), tenth(s.best)]
      .forEach((text, i) => { cells[i].textContent = text; });
    said.textContent = right(s);
  } };
}

function render({ model, el }) {
  const traits = ["which", "x", "k", "central", "single"];
  const parts = [curve(model), cancelling(), readout()];
  const controls = [
    slider(model, "which", { symbol: "f", name: "function", min: 0, max: FUNCTIONS.length - 1, step: 1, show: (v) => FUNCTIONS[v] }),
    slider(model, "x", { symbol: "x", name: "place", min: 0.5, max: 2, step: 0.1, show: (v) => fixed(v, 1) }),
    slider(model, "k", { symbol: "h", name: "step, 2⁻ᵏ", min: FIRST, max: LAST, step: 1, show: (v) => tenth(2 ** -v) }),
    toggle(model, "central", { name: "central differences" }),
    toggle(model, "single", { name: "single precision" })];
  const figure = frame(model, el, [["main", parts[0].svg],
    ["controls", ...controls.map((c) => c.el), reset(model, traits)], ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [...controls, figure].forEach((part) => part.dispose());
}

export default { render };
