import { webcrypto } from 'node:crypto'

/**
 * Loads what would make a key while it is loaded, and lets it wait for that key for ever. `node-opcua` makes one of 4,096
 * bits whenever it is loaded on Node.js 20 or 21, to try out an encryption that neither our edge nor our simulated PLC
 * offers, and to print a warning: two to five seconds of a core, when an edge starts and has lanes to serve.
 */
export function withoutNewKeys<T>(load: () => T): T {
  const { subtle } = webcrypto
  Object.defineProperty(subtle, 'generateKey', {
    configurable: true,
    value: () => new Promise(() => undefined),
  })
  try {
    return load()
  } finally {
    Reflect.deleteProperty(subtle, 'generateKey')
  }
}
