/**
 * The floor of a start: a process that loads the packages that an edge needs for its first decision, and ends. Nothing
 * is opened, read or connected.
 */
import 'aedes'
import 'mqtt'
import 'pino'
import 'sqlite3'
import 'zod'
import '../../drivers/barrier/opcua/library.js'
import { endProcess } from '../../cli/exit.js'

endProcess()
