// Random numbers that are the same in every browser and in Python, and numbers of any size in words.

/** `count` standard normal numbers: a 32-bit xorshift generator (Marsaglia 2003) and the Box–Muller transform. */
export function normals(seed, count) {
  let x = seed | 0;
  const uniform = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return ((x >>> 0) + 0.5) / 4294967296;
  };
  for (let i = 0; i < 20; i += 1) uniform();
  const drawn = new Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    drawn[i] = radius * Math.cos(angle);
    if (i + 1 < count) drawn[i + 1] = radius * Math.sin(angle);
  }
  return drawn;
}

/** 0.5 → "0.500", 1e-7 → "10⁻⁷". */
export function size(value) {
  if (value >= 0.001 && value < 1000) return value.toFixed(3);
  if (!(value > 0)) return "0";
  return `10${[...String(Math.round(Math.log10(value)))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d] ?? "⁻").join("")}`;
}
