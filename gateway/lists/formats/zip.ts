import { Unzip, UnzipInflate, Zip, ZipDeflate } from 'fflate'
import { messageOf } from '../../../edge/base/error.js'
import { FileFault, type ByteSource } from './reader.js'

/** A part that is given to the unpacker at once: deflate makes at most about 1,000 bytes of one. */
const partBytes = 16_384

/**
 * The one file within a ZIP archive, unpacked as it comes. An archive with no file or several, a cut one, and
 * one that unpacks to more than `maxBytes` are refused.
 */
export async function* unzipped(
  source: ByteSource,
  isNamed: (name: string) => boolean,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const inside = new Inside(isNamed, maxBytes)
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += partBytes)
      yield* inside.push(chunk.subarray(at, at + partBytes), false)
  }
  yield* inside.push(new Uint8Array(), true)
  inside.end()
}

class Inside {
  readonly #unzip: Unzip
  #fault: FileFault | undefined
  #files = 0
  #ended = false
  #bytes = 0
  readonly #parts: Uint8Array[] = []

  constructor(isNamed: (name: string) => boolean, maxBytes: number) {
    this.#unzip = new Unzip((file) => {
      this.#files += 1
      if (this.#files > 1) this.#fault ??= new FileFault('format', 'the archive holds several files')
      if (!isNamed(file.name)) this.#fault ??= new FileFault('name', `the archive holds ${file.name}`)
      if (this.#fault) return
      file.ondata = (error, data, final) => {
        if (error) this.#fault ??= new FileFault('format', `the archive is damaged: ${error.message}`)
        this.#bytes += data.length
        if (this.#bytes > maxBytes)
          this.#fault ??= new FileFault('format', `the archive unpacks to more than ${maxBytes} bytes`)
        if (!this.#fault) this.#parts.push(data)
        this.#ended ||= final
      }
      file.start()
    })
    this.#unzip.register(UnzipInflate)
  }

  push(chunk: Uint8Array, final: boolean): Uint8Array[] {
    try {
      this.#unzip.push(chunk, final)
    } catch (error) {
      throw new FileFault('format', `the archive is damaged or cut off: ${messageOf(error)}`)
    }
    if (this.#fault) throw this.#fault
    return this.#parts.splice(0)
  }

  end(): void {
    if (this.#files === 0) throw new FileFault('format', 'this is no ZIP archive with a file in it')
    if (!this.#ended) throw new FileFault('format', 'the archive is cut off')
  }
}

/** Packs one file into a ZIP archive as it comes. */
export async function* zipped(name: string, texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = []
  const zip = new Zip((error, data) => {
    if (error) throw error
    parts.push(data)
  })
  const file = new ZipDeflate(name, { level: 6 })
  zip.add(file)
  const encoder = new TextEncoder()
  for await (const text of texts) {
    file.push(encoder.encode(text), false)
    yield* parts.splice(0)
  }
  file.push(new Uint8Array(), true)
  zip.end()
  yield* parts
}
