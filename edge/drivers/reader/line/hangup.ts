import { read } from 'node:fs'
import type { SerialPort } from 'serialport'

type Port = NonNullable<SerialPort['port']>
type UnixPort = Extract<Port, { poller: unknown }>

/**
 * Makes a hung-up line end. serialport's binding reads again at once when a read gives no byte; a
 * line whose device has gone gives none for ever, and the process turns in a circle with no event
 * (bindings-cpp#162: measured at a whole core until the path is looked at). With VMIN at 1, as
 * serialport sets it, a read without a byte means nothing else, so here it is an error, which
 * serialport answers by closing the port.
 *
 * Where the binding is another one, nothing is changed, and the watch on the path remains.
 */
export function endAtHangup(port: SerialPort): void {
  const bound = port.port
  if (bound === undefined || !isUnix(bound)) return
  bound.read = async (buffer, offset, length) => {
    for (;;) {
      const bytesRead = await readNow(bound, buffer, offset, length)
      if (bytesRead === 'nothing yet') await readable(bound)
      else if (bytesRead > 0) return { buffer, bytesRead }
      else throw new Error('The line hung up: its device is gone')
    }
  }
}

function isUnix(port: Port): port is UnixPort {
  return 'poller' in port && 'fd' in port
}

function readNow(
  bound: UnixPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<number | 'nothing yet'> {
  return new Promise((resolve, reject) => {
    if (bound.fd === null) {
      reject(Object.assign(new Error('The port is closed'), { canceled: true }))
      return
    }
    read(bound.fd, buffer, offset, length, null, (error, bytesRead) => {
      if (error === null) resolve(bytesRead)
      else if (['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(error.code ?? '')) resolve('nothing yet')
      else reject(error)
    })
  })
}

/** Rejects, marked as cancelled, when the port is closed meanwhile. */
function readable(bound: UnixPort): Promise<void> {
  return new Promise((resolve, reject) => {
    bound.poller.once('readable', (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
