// SPDX-License-Identifier: Apache-2.0
// Prints the median milliseconds of one run of an ONNX model.
// Usage: node time.mjs LIBRARY MODEL ITEMS HISTORY BATCH THREADS
import {createRequire} from 'node:module';

const [library, model, ...sizes] = process.argv.slice(2);
const [items, history, batch, threads] = sizes.map(Number);
const {InferenceSession, Tensor} =
    createRequire(import.meta.url)(library);
const session = await InferenceSession.create(model, {
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
});

function question() {
  const ids = new BigInt64Array(batch * history);
  for (let i = 0; i < ids.length; ++i) {
    ids[i] = BigInt(Math.floor(Math.random() * items));
  }
  return {history: new Tensor('int64', ids, [batch, history])};
}

async function measure(seconds) {
  const taken = [];
  const end = performance.now() + 1e3 * seconds;
  while (performance.now() < end || taken.length < 5) {
    const asked = question();
    const start = performance.now();
    await session.run(asked);
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b)[taken.length >> 1];
}

await measure(0.5);
console.log(await measure(3));
