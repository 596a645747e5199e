import { FileFault, type ByteSource, type Piece, type Pieces } from '../reader.js'

/** A text as a stream of parts of that many bytes. */
export function bytesOf(text: string | Uint8Array, partBytes = 7): ByteSource {
  const all = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return (async function* parts() {
    for (let at = 0; at < all.length; at += partBytes) {
      yield await Promise.resolve(all.subarray(at, at + partBytes))
    }
  })()
}

export interface ReadFile {
  readonly entries: readonly unknown[]
  /** `line path: message` */
  readonly refused: readonly string[]
  readonly heads: readonly unknown[]
  /** `fault line: message`; null: the file was read to its end. */
  readonly fault: string | null
}

/** All that a reader makes of a file. */
export async function allOf(pieces: Pieces): Promise<ReadFile> {
  const found: Piece[] = []
  let fault: string | null = null
  try {
    for await (const batch of pieces) found.push(...batch)
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    fault = `${error.fault} ${error.line}: ${error.message}`
  }
  return {
    entries: found.flatMap((piece) => (piece.is === 'entry' ? [piece.value] : [])),
    refused: found.flatMap((piece) =>
      piece.is === 'refused' ? [`${piece.line} ${piece.problem.path}: ${piece.problem.message}`] : [],
    ),
    heads: found.flatMap((piece) => (piece.is === 'head' ? [piece.head] : [])),
    fault,
  }
}
