import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What the provider is asked for, as a browser brings it. */
interface Question {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirect: string;
}

/** A small OpenID Connect provider: discovery, keys and the token endpoint, with PKCE and codes that serve once. */
export class TestIdentityProvider {
  readonly issuer: string;
  readonly clientId = "settlement";
  readonly clientSecret = "a-secret-of-the-tests";
  private readonly server: Server;
  private readonly codes = new Map<string, Question & { readonly claims: Readonly<Record<string, unknown>> }>();

  private constructor(server: Server) {
    this.server = server;
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<TestIdentityProvider> {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" };
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const provider = new TestIdentityProvider(server);
    server.on("request", (request, response) => {
      void provider.answer(request, jwk, privateKey).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
    return provider;
  }

  /** Somebody with these claims agrees; answers where its browser is sent back to. `forged` is what is not as it was asked. */
  agree(url: string, claims: Readonly<Record<string, unknown>>, forged: Partial<Question> = {}): URL {
    const asked = new URL(url).searchParams;
    const text = (name: string) => asked.get(name) ?? "";
    const question = { nonce: text("nonce"), challenge: text("code_challenge"), redirect: text("redirect_uri") };
    const code = randomUUID();
    this.codes.set(code, { ...question, ...forged, claims });
    const back = new URL(question.redirect);
    back.search = new URLSearchParams({ code, state: text("state"), iss: this.issuer }).toString();
    return back;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private async answer(
    request: IncomingMessage,
    jwk: object,
    key: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"],
  ): Promise<{ readonly status: number; readonly body: object }> {
    const { issuer } = this;
    const [path] = (request.url ?? "").split("?");
    if (path === "/.well-known/openid-configuration")
      return {
        status: 200,
        body: {
          ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
          ...{ jwks_uri: `${issuer}/keys`, id_token_signing_alg_values_supported: ["RS256"] },
          ...{ response_types_supported: ["code"], subject_types_supported: ["public"] },
          authorization_response_iss_parameter_supported: true,
        },
      };
    if (path === "/keys") return { status: 200, body: { keys: [jwk] } };
    let text = "";
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString("utf8");
    const form = new URLSearchParams(text);
    const question = this.codes.get(form.get("code") ?? "");
    this.codes.delete(form.get("code") ?? "");
    const verified = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (question === undefined || question.challenge !== verified || form.get("redirect_uri") !== question.redirect)
      return { status: 400, body: { error: "invalid_grant" } };
    const token = new SignJWT({ ...question.claims, nonce: question.nonce })
      .setProtectedHeader({ alg: "RS256", kid: "one" })
      .setIssuer(issuer)
      .setAudience(this.clientId)
      .setIssuedAt()
      .setExpirationTime("5m");
    return { status: 200, body: { access_token: "x", token_type: "Bearer", id_token: await token.sign(key) } };
  }
}
