// A display for netmon: registers at the agent by version 1 (docs/udp.md) and prints the speeds once a second.
// Board: any ESP32 with the Arduino core. Put your display's calls where Serial.printf is.
#include <WiFi.h>
#include <WiFiUdp.h>
#include <esp_random.h>

const char *wifiName = "my-wifi";
const char *wifiPassword = "my-password";
const IPAddress agent(192, 168, 1, 1);
const uint16_t agentPort = 17890;

enum Type : uint8_t { FRAME = 1, HELLO = 2, COOKIE = 3, REGISTER = 4, ANSWER = 5, ENDED = 7 };
const uint32_t CORE_STALE = 1u << 0, WAN_STALE = 1u << 1, WAN_UNKNOWN = 1u << 3;
const uint32_t DIRECT_UNKNOWN = 1u << 4, PROXY_UNKNOWN = 1u << 5, BYPASS_UNKNOWN = 1u << 6;
const unsigned long renewMs = 10000, helloMs = 1000, silenceMs = 3000;

WiFiUDP udp;
uint32_t nonce;
uint8_t cookie[16];
bool registered = false;
unsigned long askedAt = 0, heardAt = 0, pauseMs = helloMs;

// Little-endian wherever they stand; the ESP32 does not like unaligned reads.
uint32_t get32(const uint8_t *at) { return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24; }
uint64_t get64(const uint8_t *at) { return get32(at) | (uint64_t)get32(at + 4) << 32; }
void put32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = value >> (8 * i);
}

uint32_t crc32(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return ~crc;
}

// Hello and register are 64 bytes, so that the agent's answer is never longer than the question.
void ask(Type type) {
  uint8_t question[64] = {'n', 'm', 'o', 'n', 1, type, sizeof question, 0};
  put32(question + 8, nonce);
  if (type == REGISTER) memcpy(question + 12, cookie, sizeof cookie);
  put32(question + 60, crc32(question, 60));
  udp.beginPacket(agent, agentPort);
  udp.write(question, sizeof question);
  udp.endPacket();
  askedAt = millis();
}

void printSpeed(const char *name, const uint8_t *at, bool unknown) {
  if (unknown) Serial.printf("%s ?  ", name);
  else Serial.printf("%s up %.1f down %.1f kB/s  ", name, get64(at) / 1000.0, get64(at + 8) / 1000.0);
}

void showFrame(const uint8_t *frame) {
  uint32_t flags = get32(frame + 8);
  printSpeed("direct", frame + 32, flags & (CORE_STALE | DIRECT_UNKNOWN));
  printSpeed("proxy", frame + 48, flags & (CORE_STALE | PROXY_UNKNOWN));
  printSpeed("bypass", frame + 64, flags & (CORE_STALE | WAN_STALE | BYPASS_UNKNOWN));
  printSpeed("WAN", frame + 80, flags & (WAN_STALE | WAN_UNKNOWN));
  Serial.println();
}

void take(const uint8_t *bytes, int length) {
  if (length < 12 || memcmp(bytes, "nmon\x01", 5) != 0 || (bytes[6] | bytes[7] << 8) != length) return;
  if (get32(bytes + length - 4) != crc32(bytes, length - 4)) return;
  bool ours = length >= 32 && get32(bytes + 8) == nonce;
  switch (bytes[5]) {
    case COOKIE:
      if (!ours) return;
      memcpy(cookie, bytes + 12, sizeof cookie);
      ask(REGISTER);
      return;
    case ANSWER:
      if (!ours || length < 48) return;
      memcpy(cookie, bytes + 24, sizeof cookie);  // for the next renewal
      registered = bytes[12] == 0;
      pauseMs = registered ? helloMs : 1000ul * (bytes[40] | bytes[41] << 8);  // refused: try again then
      heardAt = millis();
      return;
    case FRAME:
      if (length < 104 || !registered) return;
      heardAt = millis();
      showFrame(bytes);
      return;
    case ENDED:
      registered = false;
  }
}

void setup() {
  Serial.begin(115200);
  WiFi.begin(wifiName, wifiPassword);
  while (WiFi.status() != WL_CONNECTED) delay(250);
  nonce = esp_random();
  udp.begin(17893);  // any free port; not 17891, where older displays listen
  ask(HELLO);
}

void loop() {
  static uint8_t datagram[1472];
  int length = udp.parsePacket();
  if (length > 0) {
    int got = udp.read(datagram, sizeof datagram);
    if (got == length) take(datagram, got);
  }
  if (registered && millis() - heardAt >= silenceMs) registered = false;
  if (registered && millis() - askedAt >= renewMs) ask(REGISTER);
  if (!registered && millis() - askedAt >= pauseMs) ask(HELLO);
  delay(5);
}
