import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import { receiptText, receiptToSign } from '../../edge/messages/receipt-text.js'
import type { Receipt } from '../../edge/messages/receipt.js'

/** The key that receipts are signed with: made at the first start, and kept in the data folder. */
export class ReceiptKey {
  readonly #key: KeyObject
  /** For the edges' configuration (`receiptKeys`): one line. */
  readonly publicKey: string

  private constructor(key: KeyObject) {
    this.#key = key
    this.publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  }

  /** Throws `gateway.receiptKey` with a remedy where the key cannot be read or others may read it. */
  static open(dataDir: string): ReceiptKey {
    const file = path.join(dataDir, 'receipt.key')
    try {
      if (!existsSync(file)) {
        const { privateKey } = generateKeyPairSync('ed25519')
        const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
        writeFileSync(file, pem, { mode: 0o600, flag: 'wx', flush: true })
      }
      if ((statSync(file).mode & 0o077) !== 0) throw new Error('others may read it')
      const key = createPrivateKey(readFileSync(file))
      if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key')
      return new ReceiptKey(key)
    } catch (error) {
      throw new LanekeeperError(
        'gateway.receiptKey',
        `${file} cannot be used: ${messageOf(error)}. Run chmod 600 on it, or move it aside: a new one is made, and the edges need its public half.`,
        { cause: error },
      )
    }
  }

  /** The text of a receipt for its QR code. */
  textOf(receipt: Receipt): string {
    const signed = receiptToSign(receipt)
    return receiptText(signed, sign(null, Buffer.from(signed, 'utf8'), this.#key))
  }
}
