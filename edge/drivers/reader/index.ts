import type { ReaderDriver } from '../../interfaces/reader.js'
import type { LineReaderConfig } from './line/config.js'
import { lineReaderDriver } from './line/driver.js'
import type { MqttReaderConfig } from './mqtt/config.js'
import { mqttReaderDriver } from './mqtt/driver.js'

/** Every family of readers, by the name it has in the configuration. A new one is a line here. */
export const readerDrivers = {
  line: lineReaderDriver,
  mqtt: mqttReaderDriver,
} as const satisfies {
  line: ReaderDriver<LineReaderConfig>
  mqtt: ReaderDriver<MqttReaderConfig>
}
