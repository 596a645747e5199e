import type { ReaderDriver } from '../../interfaces/reader.js'
import { lineReaderSchema, type LineReaderConfig } from './line/config.js'
import { lineReaderDriver } from './line/driver.js'
import { mqttReaderSchema, type MqttReaderConfig } from './mqtt/config.js'
import { mqttReaderDriver } from './mqtt/driver.js'

/** Every family of readers, by the name it has in the configuration. A new one is a line here. */
export const readerDrivers = {
  line: lineReaderDriver,
  mqtt: mqttReaderDriver,
} as const satisfies {
  line: ReaderDriver<LineReaderConfig>
  mqtt: ReaderDriver<MqttReaderConfig>
}

/** The settings of each family as they stand in a file, for editors. */
export const readerSchemas = {
  line: lineReaderSchema,
  mqtt: mqttReaderSchema,
} as const satisfies Record<keyof typeof readerDrivers, unknown>
