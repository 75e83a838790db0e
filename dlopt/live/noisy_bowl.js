// SGD around the minimum of a bowl: the noise ball, and what averaging does to it (syllabus G3, G4, G5).
import { contours, fixed, frame, handle, node, plot, points, reset, set, slider, toggle } from "./_kit.js";
import { normals, uniforms } from "./_random.js";

export const STEPS = 160;
export const BURN = 60;
export const BATCHES = [1, 2, 4, 8, 16, 32, 64];
const CURVATURES = [0.25, 1];
const LEVELS = Array.from({ length: 8 }, (_, i) => 5 / 2.1 ** i);
const REACH = 3;
const ANGLE = 30;
const [C, S] = [Math.cos((ANGLE * Math.PI) / 180), Math.sin((ANGLE * Math.PI) / 180)];

const drawn = {}; // noise by number of the draw

/** The iterates (start first) for noise of variance 1/B along both axes, and the mean of those after step BURN. */
export function walk({ eta, batch, draw, start: [x, y] }) {
  const noise = (drawn[draw] ??= normals(uniforms(draw), 2 * STEPS));
  let [a, b] = [C * x + S * y, C * y - S * x];
  let [p, q] = [0, 0];
  const [path, average] = [[[x, y]], []];
  for (let k = 0; k < STEPS; k += 1) {
    const push = eta / Math.sqrt(batch);
    a = (1 - eta * CURVATURES[0]) * a - push * noise[2 * k];
    b = (1 - eta * CURVATURES[1]) * b - push * noise[2 * k + 1];
    path.push([C * a - S * b, S * a + C * b]);
    if (k + 1 > BURN) {
      [p, q] = [p + path[k + 1][0], q + path[k + 1][1]];
      average.push([p / (k + 1 - BURN), q / (k + 1 - BURN)]);
    }
  }
  return { path, average };
}

/** Variance in which one direction settles. */
export const settled = (eta, batch, curvature) => eta / (batch * curvature * (2 - eta * curvature));

/** Expected squared distance from the minimum after every step, exactly. */
export function expected({ eta, batch, start: [x, y] }) {
  const first = [C * x + S * y, C * y - S * x];
  return Array.from({ length: STEPS + 1 }, (_, k) => CURVATURES.reduce((sum, curvature, m) => {
    const kept = (1 - eta * curvature) ** (2 * k);
    return sum + kept * first[m] ** 2 + (1 - kept) * settled(eta, batch, curvature);
  }, 0));
}

/** Expected squared distance of the last average, exactly: every noise counts with the steps that remember it. */
export function expectedAverage({ eta, batch, start: [x, y] }) {
  const first = [C * x + S * y, C * y - S * x];
  const n = STEPS - BURN;
  return CURVATURES.reduce((sum, curvature, m) => {
    const rho = 1 - eta * curvature;
    let share = 0;
    for (let j = 0; j < STEPS; j += 1) {
      const c = (rho ** Math.max(0, BURN - j) * (1 - rho ** (STEPS - Math.max(j, BURN)))) / (1 - rho);
      share += c * c;
    }
    const mean = (first[m] * rho ** (BURN + 1) * (1 - rho ** n)) / ((1 - rho) * n);
    return sum + mean ** 2 + ((eta * eta) / batch) * (share / (n * n));
  }, 0);
}

const rms = (squares) => Math.sqrt(squares.reduce((sum, v) => sum + v, 0) / squares.length);

/** Everything the picture shows, as numbers. */
export function state(now) {
  const { path, average } = walk(now);
  const ahead = expected(now);
  const squares = path.map(([x, y]) => x * x + y * y);
  return { path, average, distances: squares.map(Math.sqrt), ahead: ahead.map(Math.sqrt),
    averaged: average.map(([x, y]) => Math.hypot(x, y)),
    radius: rms(squares.slice(BURN + 1)), foretold: rms(ahead.slice(BURN + 1)),
    foretoldAverage: Math.sqrt(expectedAverage(now)),
    deviations: CURVATURES.map((curvature) => Math.sqrt(settled(now.eta, now.batch, curvature))) };
}

/** The picture in words. */
export function describe(now) {
  const { radius, foretold, averaged, foretoldAverage } = state(now);
  const mean = now.average ? ` Their average ends ${fixed(averaged[averaged.length - 1], 3)} from it; expected `
    + `${fixed(foretoldAverage, 3)}.` : "";
  return `At η = ${fixed(now.eta, 1)} with B = ${now.batch}, the iterates after step ${BURN} lie ${fixed(radius, 3)} from the `
    + `minimum (root mean square); expected ${fixed(foretold, 3)}.${mean}`;
}

function plane(model) {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "w_1" }, y: { domain: [-REACH, REACH], ticks, label: "w_2" } });
  contours(area, LEVELS)(CURVATURES, ANGLE);
  const path = node("polyline", { class: "live-shallow" });
  const mean = node("polyline", { class: "live-steep" });
  const [ox, oy, unit] = [area.x(0), area.y(0), area.x(1) - area.x(0)];
  const ball = node("ellipse", { class: "live-limit", cx: ox, cy: oy, transform: `rotate(${-ANGLE} ${ox} ${oy})` });
  area.inside.append(path, ball, mean, node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  area.over.append(node("text", { class: "live-shallow live-tag", x: 215, y: 13 }, "iterates"),
    node("text", { class: "live-steep live-tag", x: 275, y: 13 }, "average"));
  const grip = handle(area, { label: "start of the walk", step: 0.1, get: () => model.get("start"),
    put: (start) => { model.set("start", start); model.save_changes(); } });
  return { svg: area.svg, draw(shown, { average }) {
    const line = (list) => ({ points: points(area, list.map((p) => p[0]), list.map((p) => p[1])) });
    set(path, line(shown.path));
    set(mean, line(average ? shown.average : []));
    set(ball, { rx: (2 * unit * shown.deviations[0]).toFixed(2), ry: (2 * unit * shown.deviations[1]).toFixed(2) });
    grip();
  } };
}

function distance() {
  const area = plot({ width: 270, height: 222, margin: [24, 8, 34, 34],
    label: "Distance from the minimum against the step, logarithmic: iterates, their average, what is expected.",
    x: { domain: [0, STEPS], ticks: [0, 60, 160].map((v) => [v, v]), label: "step" },
    y: { domain: [0.01, 30], log: true, label: "distance from the minimum", ticks: [[10, "10¹"], [1, "10⁰"], [0.1, "10⁻¹"], [0.01, "10⁻²"]] } });
  const ahead = node("polyline", { class: "live-max" });
  const path = node("polyline", { class: "live-shallow" });
  const mean = node("polyline", { class: "live-steep" });
  area.inside.append(ahead, path, mean, node("text", { class: "live-note", x: 150, y: 39 }, "broad: expected"));
  return { svg: area.svg, draw(shown, { average }) {
    const line = (element, values, first) => set(element, { points: points(area,
      values.map((_, k) => first + 2 * k), values.map((v) => Math.max(v, 1e-9))) });
    const thin = (values) => values.filter((_, k) => k % 2 === 0);
    line(ahead, thin(shown.ahead), 0);
    line(path, thin(shown.distances), 0);
    line(mean, average ? thin(shown.averaged) : [], BURN + 1);
  } };
}

function readout() {
  const cells = Array.from({ length: 6 }, () => node("td"));
  const row = (name, i) => node("tr", {}, node("th", { scope: "row" }, name), cells[i], cells[i + 1]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["distance", "found", "theory"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row("iterates", 0), row("average", 2)), node("tbody", {}, row("η / B", 4)));
  return { table, draw(shown, { eta, batch, average }) {
    const texts = [fixed(shown.radius, 3), fixed(shown.foretold, 3),
      average ? fixed(shown.averaged[shown.averaged.length - 1], 3) : "–", average ? fixed(shown.foretoldAverage, 3) : "–",
      fixed(eta / batch, 4), ""];
    cells.forEach((cell, i) => { cell.textContent = texts[i]; });
  } };
}

function render({ model, el }) {
  const traits = ["eta", "batch", "average", "draw", "start"];
  const parts = [plane(model), distance(), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "step size", min: 0.1, max: 1.9, step: 0.1, show: (v) => fixed(v, 1) });
  const batch = slider(model, "batch", { symbol: "B", name: "batch size", values: BATCHES, show: String });
  const draw = slider(model, "draw", { symbol: "i", name: "draw of the noise", min: 1, max: 5, step: 1, show: String });
  const average = toggle(model, "average", { name: `average the iterates after step ${BURN}` });
  const figure = frame(model, el, [["main", parts[0].svg],
    ["controls", eta.el, batch.el, draw.el, average.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [eta, batch, draw, average, figure].forEach((part) => part.dispose());
}

export default { render };
