// Random numbers that are the same in Python and in the browser, bit for bit; the twin of _noise.py.

/** Marsaglia's xorshift words of 32 bits (13, 17, 5) for a seed ≥ 1 (Journal of Statistical Software 8, 2003). */
export function words(seed, count) {
  let word = Math.imul(seed, 2654435761); // small seeds differ in few bits: spread them
  return Array.from({ length: count }, () => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return word >>> 0;
  });
}

/** Nearly normal: twelve uniform numbers, added, minus six. Sums of multiples of 2⁻³² are exact. */
export function normals(seed, count) {
  const all = words(seed, 12 * count);
  return Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = 12 * i; k < 12 * i + 12; k += 1) sum += all[k];
    return sum / 4294967296 - 6;
  });
}
