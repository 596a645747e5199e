import { told } from './spoken.js'

/** What the system refuses to who listens, by its code; the rest of its words name it better than we could. */
const troubles: Readonly<Record<string, (where: string, host: string) => string>> = {
  EADDRINUSE: (where) =>
    told`${where} is in use by another program: stop that one, or set another port in the configuration.`,
  EACCES: (where) =>
    told`this user may not listen on ${where}: set a port from 1024 on, or give the service the right to lower ones (CAP_NET_BIND_SERVICE).`,
  EADDRNOTAVAIL: (_where, host) =>
    told`this machine has no address ${host}: mend the host in the configuration.`,
}

/** Why a part cannot listen where its configuration says, and what to do; null: the error is another one. */
export function listenTrouble(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  if (syscall !== 'listen' || address === undefined) return null
  const trouble = troubles[code ?? '']
  return trouble ? `${trouble(`${address}:${port}`, address)} [${code}]` : null
}
