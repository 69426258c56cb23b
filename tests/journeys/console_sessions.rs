//! Sessions of the web console: signing in by key and by the local link, tokens towards the API, and
//! everything that is refused.

use gancho_domain::common::{ids::WorkspaceId, secret::Secret, token};
use jiff::SignedDuration;
use local::{Answer, Builder};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::{OWNER, World, answer};

const SESSION: &str = "/console/session";
const TOKEN: &str = "/console/session/token";
const CODE: &str = "a-code-that-only-this-start-knows-0123456789";

/// A browser: it keeps the cookie that it gets.
struct Browser<'a> {
    world: &'a World,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, cookie: None }
    }

    /// A request as another site's page could make it at most: with the cookie, which
    /// `SameSite=Strict` would even keep back.
    fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let base = self.world.host.base_url();
        let request = self.world.request(method, &format!("{base}{path}"));
        match &self.cookie {
            Some(cookie) => request.header("cookie", format!("theme=dark; {cookie}")),
            None => request,
        }
    }

    /// A request as the console makes it.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.bare(method, path).header("x-gancho", "console");
        request.header("content-type", "application/json")
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).body(body.to_string())).await
    }

    async fn get(&self, path: &str) -> Answer {
        answer(self.bare(Method::GET, path)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    async fn sign_in(&mut self, credentials: Value) -> Value {
        let signed = self.post(SESSION, credentials).await;
        let cookie = header(&signed, "set-cookie").unwrap_or_default();
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        signed.expect(200)
    }

    async fn token(&self, workspace: &str) -> String {
        let made = self.post(TOKEN, json!({"workspace": workspace})).await.expect(200);
        made["token"].as_str().unwrap().to_owned()
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|value| value.to_str().unwrap())
}

/// The status of a call of the API with a token.
async fn status(world: &World, token: &str) -> u16 {
    world.call_as(token, Method::GET, "/v1/me", None).await.status.as_u16()
}

fn minute(world: &World) {
    world.advance(SignedDuration::from_secs(61));
}

async fn with_link() -> World {
    let code = Secret::new(CODE);
    World::with(move |host: Builder| host.console_link(&code)).await
}

fn workspace(world: &World) -> WorkspaceId {
    world.workspace.parse().unwrap()
}

#[tokio::test]
async fn g_02_a_key_signs_in_and_calls_the_api_with_its_role() {
    let world = World::new().await;
    let made =
        world.post("/v1/keys", json!({"name": "Painel", "role": "viewer"})).await.expect(201);
    let mut browser = Browser::new(&world);
    let refused = browser.get(SESSION).await;
    assert_eq!(refused.expect(401), json!({"sign_in": "keys", "version": "0.1.0"}));

    let signed = browser.post(SESSION, json!({"key": made["key"]})).await;
    let cookie = header(&signed, "set-cookie").unwrap().to_owned();
    let port = world.host.base_url().rsplit(':').next().unwrap().to_owned();
    let (first, rest) = cookie.split_once("; ").unwrap();
    assert_eq!(rest, "HttpOnly; SameSite=Strict; Path=/; Max-Age=604800");
    let secret = first.strip_prefix(&format!("gancho-{port}=")).unwrap();
    assert!(token::is_random(secret), "256 bits");
    let expected = json!({
        "person": null,
        "key": {"id": made["id"], "name": "Painel"},
        "owner": false,
        "workspaces": [{"id": world.workspace, "name": "Loja da Ana",
            "time_zone": "America/Sao_Paulo", "role": "viewer"}],
        "sign_in": "keys",
        "version": "0.1.0",
    });
    assert_eq!(signed.expect(200), expected);
    browser.cookie = Some(first.to_owned());
    let shown = browser.get(SESSION).await;
    assert_eq!(header(&shown, "cache-control"), Some("no-store"));
    assert_eq!(shown.expect(200), expected);

    let made_token = browser.post(TOKEN, json!({"workspace": world.workspace})).await.expect(200);
    let text = made_token["token"].as_str().unwrap().to_owned();
    assert!(text.starts_with("gs_") && made_token["role"] == "viewer", "{made_token}");
    let me = world.call_as(&text, Method::GET, "/v1/me", None).await.expect(200);
    let caller = json!({"kind": "key", "id": made["id"], "name": "Painel", "email": null});
    assert_eq!(me["caller"], caller);
    assert_eq!((&me["role"], &me["expires_at"]), (&json!("viewer"), &made_token["expires_at"]));
    assert_eq!(made_token["expires_at"], "2026-11-21T13:15:00Z");
    let body = json!({"name": "Outra"});
    let created = world.call_as(&text, Method::POST, "/v1/origins", Some(&body)).await;
    assert_eq!(created.expect(403)["code"], "forbidden");
    // No row has the secret of the cookie or of the token.
    for row in rows(&world).await {
        for secret in [secret, &text, &text[text.len() - 43..]] {
            assert!(!row.contains(secret), "{row}");
        }
    }
}

/// Every row of the configuration, as text.
async fn rows(world: &World) -> Vec<String> {
    let table = world.host.environment("console", "TABLE_CONFIG").unwrap();
    let found = world.host.dynamo_client().scan().table_name(table).send().await.unwrap();
    assert!(found.last_evaluated_key().is_none());
    found.items().iter().map(|row| format!("{row:?}")).collect()
}

#[tokio::test]
async fn g_01_a_key_asks_who_it_is() {
    let world = World::new().await;
    let me = world.get("/v1/me").await.expect(200);
    assert_eq!(me["workspace"]["id"], world.workspace);
    assert_eq!(me["workspace"]["time_zone"], "America/Sao_Paulo");
    assert_eq!((&me["role"], &me["expires_at"]), (&json!("admin"), &Value::Null));
    assert_eq!(me["caller"]["kind"], "key");
    assert_eq!(world.call_as(OWNER, Method::GET, "/v1/me", None).await.status, 403);
}

#[tokio::test]
async fn g_02_a_token_lives_a_quarter_of_an_hour_and_no_longer_than_its_session() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(json!({"key": world.key})).await;
    let text = browser.token(&world.workspace).await;
    world.advance(SignedDuration::from_mins(14));
    assert_eq!(status(&world, &text).await, 200);
    minute(&world);
    assert_eq!(status(&world, &text).await, 403);
    // A session ends twelve hours after its last use, and its last token with it.
    world.advance(SignedDuration::from_hours(11) + SignedDuration::from_mins(50));
    let kept = browser.get(SESSION).await;
    assert_eq!(kept.status, 401);
    browser.sign_in(json!({"key": world.key})).await;
    world.advance(SignedDuration::from_hours(11));
    browser.get(SESSION).await.expect(200);
    world.advance(SignedDuration::from_hours(11));
    browser.get(SESSION).await.expect(200);
    // Seven days after its beginning it ends in any case.
    for _ in 0..13 {
        world.advance(SignedDuration::from_hours(11));
        browser.get(SESSION).await.expect(200);
    }
    world.advance(SignedDuration::from_hours(2) + SignedDuration::from_mins(55));
    let last = browser.post(TOKEN, json!({"workspace": world.workspace})).await.expect(200);
    assert_eq!(last["expires_at"], "2026-11-29T01:05:01Z");
    world.advance(SignedDuration::from_mins(5));
    assert_eq!(browser.get(SESSION).await.status, 401);
}

#[tokio::test]
async fn g_02_a_sign_out_ends_the_session_and_its_tokens() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(json!({"key": world.key})).await;
    let text = browser.token(&world.workspace).await;
    assert_eq!(status(&world, &text).await, 200);
    let other = browser.token(&world.workspace).await;
    let ended = browser.delete(SESSION).await;
    let cookie = header(&ended, "set-cookie").unwrap().to_owned();
    assert!(cookie.contains("=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"), "{cookie}");
    assert_eq!(ended.expect(200), json!({"end": null}));
    // One that the gateway has not seen is refused at once, the other after its minute.
    assert_eq!(status(&world, &other).await, 403);
    minute(&world);
    assert_eq!(status(&world, &text).await, 403);
    assert_eq!(browser.get(SESSION).await.status, 401);
    let refused = browser.post(TOKEN, json!({"workspace": world.workspace})).await;
    assert_eq!(refused.expect(401)["code"], "session_ended");
    assert_eq!(browser.delete(SESSION).await.status, 200, "a second time changes nothing");
}

#[tokio::test]
async fn g_02_a_deleted_key_and_a_changed_role_count_within_a_minute() {
    let world = World::new().await;
    let made = world.post("/v1/keys", json!({"name": "Painel", "role": "admin"})).await.expect(201);
    let mut browser = Browser::new(&world);
    browser.sign_in(json!({"key": made["key"]})).await;
    let text = browser.token(&world.workspace).await;
    assert_eq!(status(&world, &text).await, 200);
    let path = format!("/v1/keys/{}", made["id"].as_str().unwrap());
    world.patch(&path, json!({"role": "viewer"})).await.expect(200);
    minute(&world);
    let me = world.call_as(&text, Method::GET, "/v1/me", None).await.expect(200);
    assert_eq!(me["role"], "viewer");
    assert_eq!(browser.get(SESSION).await.expect(200)["workspaces"][0]["role"], "viewer");
    assert_eq!(world.delete(&path).await.status, 204);
    minute(&world);
    assert_eq!(status(&world, &text).await, 403);
    assert_eq!(browser.get(SESSION).await.status, 401);
    let refused = browser.post(TOKEN, json!({"workspace": world.workspace})).await;
    assert_eq!(refused.expect(403)["code"], "forbidden");
}

#[tokio::test]
async fn g_02_a_session_enters_no_other_workspace_and_ends_no_other_holders_session() {
    let world = World::new().await;
    let (other, other_key) = world.new_workspace("Outra").await;
    let (mut ana, mut rui) = (Browser::new(&world), Browser::new(&world));
    ana.sign_in(json!({"key": world.key})).await;
    rui.sign_in(json!({"key": other_key})).await;
    assert_eq!(ana.post(TOKEN, json!({"workspace": other})).await.expect(403)["code"], "forbidden");
    let theirs = rui.get("/console/sessions").await.expect(200);
    assert_eq!(theirs["items"].as_array().unwrap().len(), 1);
    let path = format!("/console/sessions/{}", theirs["items"][0]["id"].as_str().unwrap());
    assert_eq!(ana.delete(&path).await.status, 404);
    assert_eq!(ana.delete("/console/sessions/x").await.status, 404);
    rui.get(SESSION).await.expect(200);
    // A token says its workspace; with another's id its hash is another.
    let text = ana.token(&world.workspace).await;
    let ids = |id: &str| id.trim_start_matches("ws_").to_owned();
    let forged = text.replace(&ids(&world.workspace), &ids(&other));
    assert_eq!(status(&world, &forged).await, 403);
}

#[tokio::test]
async fn g_02_ones_own_sessions_are_listed_and_ended() {
    let world = World::new().await;
    let (mut desk, mut phone) = (Browser::new(&world), Browser::new(&world));
    desk.sign_in(json!({"key": world.key})).await;
    minute(&world);
    phone.sign_in(json!({"key": world.key})).await;
    let text = desk.token(&world.workspace).await;
    let listed = phone.get("/console/sessions").await.expect(200);
    let items = listed["items"].as_array().unwrap();
    let current: Vec<&Value> = items.iter().map(|one| &one["current"]).collect();
    assert_eq!(current, [false, true]);
    assert_eq!(items[0]["created_at"], "2026-11-21T13:00:00Z");
    assert_eq!(items[0]["ends_at"], "2026-11-22T01:00:00Z");
    let path = format!("/console/sessions/{}", items[0]["id"].as_str().unwrap());
    assert_eq!(phone.delete(&path).await.status, 204);
    assert_eq!(desk.get(SESSION).await.status, 401);
    assert_eq!(status(&world, &text).await, 403);
    assert_eq!(phone.delete(&path).await.status, 404);
    // A new sign-in takes the place of the session that the browser had.
    phone.sign_in(json!({"key": world.key})).await;
    let listed = phone.get("/console/sessions").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn g_02_only_pages_of_the_console_change_anything() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(json!({"key": world.key})).await;
    let base = world.host.base_url();
    let other_port = "http://127.0.0.1:1";
    let key = json!({"key": world.key}).to_string();
    let calls = [
        (Method::POST, SESSION, key),
        (Method::POST, TOKEN, json!({"workspace": world.workspace}).to_string()),
        (Method::DELETE, SESSION, String::new()),
        (Method::DELETE, "/console/sessions/ses_1", String::new()),
    ];
    for (method, path, body) in calls {
        let bare = || browser.bare(method.clone(), path).body(body.clone());
        let json = |request: RequestBuilder| request.header("content-type", "application/json");
        let named = |request: RequestBuilder| request.header("x-gancho", "console");
        let from = |origin: &str| named(json(bare())).header("origin", origin);
        let wrong = [
            named(bare().header("content-type", "text/plain")),
            named(bare().header("content-type", "application/x-www-form-urlencoded")),
            json(bare()),
            json(bare()).header("x-gancho", "other"),
            from("https://evil.example"),
            from(other_port),
            from("null"),
            from(&base.replace("http:", "https:")),
        ];
        for request in wrong {
            let refused = answer(request).await;
            assert_eq!(header(&refused, "set-cookie"), None);
            assert_eq!(refused.expect(403)["code"], "not_from_console", "{method} {path}");
        }
    }
    browser.get(SESSION).await.expect(200);
    let own = browser.request(Method::DELETE, SESSION).header("origin", &base);
    assert_eq!(answer(own).await.status, 200);
    let preflight = answer(browser.bare(Method::OPTIONS, SESSION).header("origin", &base)).await;
    assert_eq!(header(&preflight, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn g_02_an_address_has_five_wrong_tries_a_minute() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let from = |ip: &str, key: &str| {
        let request = browser.request(Method::POST, SESSION).header("x-gancho-test-source-ip", ip);
        answer(request.body(json!({ "key": key }).to_string()))
    };
    // What is right is not counted.
    for _ in 0..7 {
        from("192.0.2.1", &world.key).await.expect(200);
    }
    let last = if world.key.ends_with('A') { "B" } else { "A" };
    let wrong = format!("{}{last}", &world.key[..world.key.len() - 1]);
    let codes = ["", "gk_", OWNER, &wrong, &wrong.replace("gk_", "gs_")];
    for key in codes {
        assert_eq!(from("192.0.2.1", key).await.expect(401)["code"], "credentials_invalid");
    }
    let refused = from("192.0.2.1", &world.key).await;
    assert_eq!(header(&refused, "retry-after"), Some("60"));
    assert_eq!(refused.expect(429)["code"], "too_many_tries");
    from("192.0.2.2", &world.key).await.expect(200);
    minute(&world);
    from("192.0.2.1", &world.key).await.expect(200);
    // A machine has a whole network of IPv6 addresses.
    for n in 1..=5 {
        assert_eq!(from(&format!("2001:db8:1:2::{n}"), "").await.status, 401);
    }
    assert_eq!(from("2001:db8:1:2:ffff::9", "").await.status, 429);
    assert_eq!(from("2001:db8:1:3::1", "").await.status, 401);
}

#[tokio::test]
async fn g_02_the_link_of_this_start_signs_in_its_person() {
    let world = with_link().await;
    let (other, _) = world.new_workspace("Demo").await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get(SESSION).await.expect(401)["sign_in"], "local");
    let early = browser.post(SESSION, json!({"link": CODE})).await;
    assert_eq!(early.status, 401, "the host has not made the person yet");
    world.host.admit(&[workspace(&world), other.parse().unwrap()]).await.unwrap();
    let signed = browser.sign_in(json!({"link": CODE})).await;
    assert_eq!(signed["owner"], true);
    assert_eq!(signed["person"]["email"], "owner@localhost");
    let names: Vec<&str> = signed["workspaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Demo", "Loja da Ana"]);
    let text = browser.token(&other).await;
    let me = world.call_as(&text, Method::GET, "/v1/me", None).await.expect(200);
    assert_eq!(me["workspace"]["id"], other);
    assert_eq!(me["caller"]["kind"], "person");
    assert_eq!(me["caller"]["id"], signed["person"]["id"]);
    // The person works with the role of a member.
    let body = json!({"name": "Painel", "role": "viewer"});
    world.call_as(&text, Method::POST, "/v1/keys", Some(&body)).await.expect(201);
    // The code works as long as the process lives.
    Browser::new(&world).sign_in(json!({"link": CODE})).await;
}

#[tokio::test]
async fn g_02_a_link_of_another_start_or_of_a_deployment_is_refused() {
    let world = with_link().await;
    world.host.admit(&[workspace(&world)]).await.unwrap();
    let browser = Browser::new(&world);
    for code in ["", "another-start", &token::hash(CODE), &CODE.to_uppercase()] {
        let refused = browser.post(SESSION, json!({"link": code})).await;
        assert_eq!(refused.expect(401)["code"], "credentials_invalid", "{code}");
    }
    let deployed = World::new().await;
    deployed.host.admit(&[workspace(&deployed)]).await.unwrap();
    for code in [CODE, "", &token::hash("")] {
        let refused = Browser::new(&deployed).post(SESSION, json!({"link": code})).await;
        assert_eq!(refused.expect(401)["code"], "credentials_invalid");
    }
}

#[tokio::test]
async fn g_02_a_malformed_request_is_refused_and_a_malformed_cookie_ignored() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for body in
        [json!({}), json!({"key": "a", "link": "b"}), json!({"key": 7}), json!([]), json!("key")]
    {
        assert_eq!(browser.post(SESSION, body.clone()).await.status, 422, "{body}");
    }
    let large = json!({"key": "k".repeat(9_000)});
    assert_eq!(browser.post(SESSION, large).await.expect(413)["code"], "payload_too_large");
    browser.sign_in(json!({"key": world.key})).await;
    for body in [json!({}), json!({"workspace": null}), json!({"workspace": "x"})] {
        assert_eq!(browser.post(TOKEN, body.clone()).await.status, 422, "{body}");
    }
    let right = browser.cookie.clone().unwrap();
    let port = world.host.base_url().rsplit(':').next().unwrap().to_owned();
    for cookie in ["", "gancho-1=x", &right.to_uppercase(), &format!("{right}A"), &right[..40]] {
        browser.cookie = Some(cookie.to_owned());
        assert_eq!(browser.get(SESSION).await.status, 401, "{cookie}");
    }
    // Another value of the name, of another path or host, does not hide the right one.
    browser.cookie = Some(format!("gancho-{port}=; gancho-{port}=other; {right}"));
    browser.get(SESSION).await.expect(200);
    let posted = answer(browser.request(Method::PUT, SESSION)).await;
    assert_eq!(header(&posted, "allow"), Some("GET, POST, DELETE"));
}

#[tokio::test]
async fn g_02_over_tls_the_cookie_is_of_the_host_alone() {
    let world = World::new().await;
    let event = |cookies: Value, body: Value, method: &str| {
        json!({
            "version": "2.0", "routeKey": "ANY /console/{path+}", "rawPath": SESSION,
            "rawQueryString": "", "cookies": cookies, "body": body, "isBase64Encoded": false,
            "headers": {"host": "abc.example", "x-forwarded-proto": "https", "x-gancho": "console",
                "content-type": "application/json", "origin": "https://abc.example"},
            "requestContext": {"accountId": "1", "apiId": "a", "domainName": "abc.example",
                "domainPrefix": "abc", "requestId": "r", "routeKey": "ANY /console/{path+}",
                "stage": "$default", "time": "", "timeEpoch": 0,
                "http": {"method": method, "path": SESSION, "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "a"}},
        })
    };
    let body = json!({"key": world.key}).to_string();
    let signed = world.host.invoke("console", event(json!([]), json!(body), "POST")).await.unwrap();
    assert_eq!(signed["statusCode"], 200, "{signed}");
    let cookie = signed["cookies"][0].as_str().unwrap().to_owned();
    let (first, rest) = cookie.split_once("; ").unwrap();
    assert!(first.starts_with("__Host-gancho="), "{cookie}");
    assert_eq!(rest, "Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=604800");
    assert_eq!(signed["headers"]["strict-transport-security"], "max-age=31536000");
    let get = |cookies| world.host.invoke("console", event(cookies, Value::Null, "GET"));
    assert_eq!(get(json!([first])).await.unwrap()["statusCode"], 200);
    let renamed = first.replace("__Host-gancho", "gancho-443");
    assert_eq!(get(json!([renamed])).await.unwrap()["statusCode"], 401);
}
