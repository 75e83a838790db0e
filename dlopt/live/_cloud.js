// A cloud of two inputs and the maps that whiten it, shared by two figures (syllabus W1–W3).
const ROUND = 1e-4; // eigenvalues this close count as equal: a circle has no axes

/** The cloud as it comes: spreads 1 and 1/ratio, turned by the angle, about a centre. */
export function inputs({ angle, ratio, centre, cloud }) {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  return cloud.map(([u, v]) => [centre[0] + c * u - (s * v) / ratio, centre[1] + s * u + (c * v) / ratio]);
}

/** Mean, and second moments [xx, xy, yy] about a point. */
export function moments(xs, [p, q] = [0, 0]) {
  const total = [0, 0, 0, 0, 0];
  for (const [x, y] of xs) {
    [x - p, y - q, (x - p) * (x - p), (x - p) * (y - q), (y - q) * (y - q)].forEach((v, i) => { total[i] += v; });
  }
  const [mx, my, xx, xy, yy] = total.map((t) => t / xs.length);
  return { mean: [p + mx, q + my], second: [xx, xy, yy] };
}

/** Eigenvalues of [[a, b], [b, d]], largest first, and the angle of the first axis in degrees. */
export function axes([a, b, d]) {
  const spread = Math.hypot(a - d, 2 * b);
  const flat = spread < ROUND * (a + d);
  return { values: [(a + d + spread) / 2, (a + d - spread) / 2],
    angle: flat ? 0 : (Math.atan2(2 * b, a - d) * 90) / Math.PI };
}

/** The matrix W of a stage, from the covariance. */
export function matrix(stage, covariance) {
  if (stage < 2) return [[1, 0], [0, 1]];
  if (stage === 2) return [[1 / Math.sqrt(covariance[0]), 0], [0, 1 / Math.sqrt(covariance[2])]];
  const { values: [first, second], angle } = axes(covariance);
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const [p, q] = [1 / Math.sqrt(first), 1 / Math.sqrt(second)];
  if (stage === 3) return [[p * c, p * s], [-q * s, q * c]];
  return [[p * c * c + q * s * s, (p - q) * c * s], [(p - q) * c * s, p * s * s + q * c * c]];
}
