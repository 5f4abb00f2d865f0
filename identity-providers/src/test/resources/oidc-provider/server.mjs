// A certified OpenID provider on a free port of loopback. Prints its issuer; takes a new key for each line `rotate` that it reads,
// publishes it before the one before it, and lets earlier ones go.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const audience = "https://llm.test";
let keys = [];
let answer;

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

function rotate(issuer) {
  keys = [newKey(), ...keys].slice(0, 2);
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "agent", client_secret: "agent-secret-of-a-test", redirect_uris: [], response_types: [],
      grant_types: ["client_credentials"],
    }],
    jwks: { keys },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({ scope: "", audience, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
      },
    },
  });
  answer = provider.callback();
}

const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  rotate(issuer);
  console.log(`issuer ${issuer}`);
  createInterface({ input: process.stdin })
    .on("line", () => {
      rotate(issuer);
      console.log("rotated");
    })
    .on("close", () => process.exit());
});
