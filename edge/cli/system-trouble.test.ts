import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { listenTrouble } from './system-trouble.js'

/** The error of listening there, as the system words it. */
function refused(host: string, port: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', resolve)
    server.listen(port, host, () => {
      server.close()
      reject(new Error('it listens'))
    })
  })
}

t.test('a port that is taken is said with what to do, by its place', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const said = listenTrouble(await refused('127.0.0.1', port))
  t.equal(
    said,
    `127.0.0.1:${port} is in use by another program: stop that one, or set another port in the configuration. [EADDRINUSE]`,
  )
})

t.test('an address that this machine has not is said as one', async (t) => {
  const said = listenTrouble(await refused('192.0.2.1', 0))
  t.match(said, /^this machine has no address 192\.0\.2\.1: mend the host/)
})

t.test('a port that this user may not have is said, and any other error is left to others', (t) => {
  const low = { code: 'EACCES', syscall: 'listen', address: '0.0.0.0', port: 443 }
  t.match(
    listenTrouble(Object.assign(new Error('x'), low)),
    /may not listen on 0\.0\.0\.0:443: set a port from/,
  )
  t.equal(listenTrouble(Object.assign(new Error('x'), { ...low, syscall: 'open' })), null)
  t.equal(listenTrouble(Object.assign(new Error('x'), { ...low, code: 'EIO' })), null)
  t.equal(listenTrouble('x'), null)
  t.end()
})
