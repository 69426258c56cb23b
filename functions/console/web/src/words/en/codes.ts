import type { codes as source } from "../pt/codes.ts";

export const codes: typeof source = {
  payload_empty: {
    short: "Empty body",
    next: "The sender sent an empty body. Check what it sends.",
  },
  payload_unparseable: {
    short: "Unreadable body",
    next: "See the original body: its format is not what the content type says.",
  },
  payload_missing: {
    short: "Body lost",
    next: "The stored body is lost. Ask the sender to send it again.",
  },
  checksum_mismatch: {
    short: "Body damaged",
    next: "The stored body differs from what was received. Ask the sender to send it again.",
  },
  too_many_nodes: {
    short: "Too many values",
    next: "The body has too many values for a mapping. Ask for a smaller one.",
  },
  decompress_limit: {
    short: "Too large unpacked",
    next: "Unpacked, the body exceeds the limit. Ask for a smaller one.",
  },
  unsupported_encoding: {
    short: "Unknown compression",
    next: "Ask the sender for gzip, deflate, br or no content-encoding.",
  },
  form_invalid: { short: "Invalid form", next: "See the original body: the form is malformed." },
  mapping_failed: {
    short: "Mapping failed",
    next: "Mend the field in the mapping, then reprocess.",
    action: "mapping",
    button: "Open the mapping at this field",
  },
  mapping_too_costly: {
    short: "Mapping too costly",
    next: "Replace the paths that search everywhere by exact paths.",
    action: "mapping",
    button: "Open the mapping",
  },
  condition_too_costly: {
    short: "Condition too costly",
    next: "Make the integration's condition simpler, then reprocess.",
    action: "mapping",
    button: "Open the mapping",
  },
  integration_inactive: {
    short: "Integration inactive",
    next: "The integration was inactive. Activate it, then reprocess.",
    action: "activate",
    button: "Activate the integration",
  },
  integration_deleted: {
    short: "Integration deleted",
    next: "The integration was deleted: this webhook can no longer be processed.",
  },
  no_matching_deal: {
    short: "No matching deal",
    next: "The contact has no deal in this origin. Create one, or change the integration's action, then reprocess.",
    action: "contact",
    button: "See the contact",
  },
  no_matching_contact: {
    short: "No matching contact",
    next: "No contact has this e-mail or phone. Change the integration's action, or reprocess later.",
    action: "reprocess",
    button: "Reprocess",
  },
  contact_exists: {
    short: "Contact exists",
    next: "The action only creates contacts and this one exists. Change it to create or update.",
    action: "mapping",
    button: "Open the integration",
  },
  contact_required: {
    short: "No e-mail or phone",
    next: "Map an e-mail or a phone: contacts are found by them.",
    action: "mapping",
    button: "Open the mapping",
  },
  processing_failed: {
    short: "Processing failed",
    next: "The failure was Gancho's, not the webhook's. Reprocess it.",
    action: "reprocess",
    button: "Reprocess",
  },
  deal_too_large: {
    short: "Deal too large",
    next: "Map fewer fields or shorter texts.",
    action: "mapping",
    button: "Open the mapping",
  },
  field_skipped: {
    short: "Field skipped",
    next: "The field cannot hold the value and stayed as it was. The rest was written.",
    action: "mapping",
    button: "Open the mapping at this field",
  },
  field_outdated: {
    short: "Older than the field",
    next: "The field already had a value of a newer moment and kept it.",
  },
  source_time_ignored: {
    short: "Time ignored",
    next: "The sender's time could not be read. Check its path in the mapping.",
    action: "mapping",
    button: "Open the mapping",
  },
  not_for_this_integration: {
    short: "Not for this integration",
    next: "The body does not meet the integration's condition. Nothing is to be done.",
  },
  text_unreadable: {
    short: "Unreadable text",
    next: "See the original body, or mend the place that the mapping reads.",
    action: "mapping",
    button: "Open the mapping",
  },
  duplicate_key: {
    short: "Repeated key",
    next: "The body has the same key more than once; the last one counted.",
  },
  id_reuse: {
    short: "Id reused",
    next: "The sender used the same id with another body. This one was processed by itself.",
  },
  contact_conflict: {
    short: "Different contacts",
    next: "The e-mail belongs to one contact, the phone to another; the e-mail won.",
    action: "contact",
    button: "See the contact",
  },
  payload_repaired: {
    short: "Body repaired",
    next: "The body had invalid characters, which were replaced.",
  },
  unknown_ingest_url: {
    short: "Unknown URL",
    next: "Copy the integration's URL to the sender again.",
  },
  path_after_token: {
    short: "Path after the URL",
    next: "In the sender, use the URL with nothing after it.",
  },
  method_not_allowed: {
    short: "Method not allowed",
    next: "Allow the method in the integration, or change it in the sender.",
    action: "settings",
    button: "Open the integration",
  },
  ip_not_allowed: {
    short: "Address not allowed",
    next: "Add the address to the allowed ones if it is the sender's.",
    action: "verification",
    button: "See the verification",
  },
  signature_missing: {
    short: "No signature",
    next: "The sender did not sign. Turn signing on there.",
    action: "verification",
    button: "See the verification",
  },
  signature_invalid: {
    short: "Invalid signature",
    next: "The secret here and the sender's are different.",
    action: "verification",
    button: "See the verification",
  },
  timestamp_out_of_tolerance: {
    short: "Time out of bounds",
    next: "The sender's clock is wrong, or the request was repeated too late.",
  },
  token_invalid: {
    short: "Invalid token",
    next: "The token here and the sender's are different.",
    action: "verification",
    button: "See the verification",
  },
  credentials_invalid: {
    short: "Invalid credentials",
    next: "Check the user and password, or the key.",
  },
  handshake_invalid: {
    short: "Invalid handshake",
    next: "Start the confirmation in the sender again.",
  },
  verify_token_invalid: {
    short: "Invalid verify token",
    next: "Copy the verify token from here to the sender.",
    action: "verification",
    button: "See the verification",
  },
  workspace_suspended: {
    short: "Workspace suspended",
    next: "The workspace is suspended. Talk to the owner of the deployment.",
  },
  payload_too_large: { short: "Body too large", next: "Ask the sender for a smaller body." },
  storage_unavailable: {
    short: "Storage unavailable",
    next: "Try again in a moment.",
    action: "retry",
    button: "Try again",
  },
  bad_request: {
    short: "Bad request",
    next: "The request could not be read. Reload the page and try again.",
  },
  validation_error: { short: "Invalid value", next: "Correct the field that is named." },
  weak_secret: { short: "Weak secret", next: "Use a longer secret, or generate one." },
  invalid_jsonpath: {
    short: "Invalid path",
    next: "Correct the path, or pick a value of the sample.",
  },
  invalid_mapping: {
    short: "Invalid mapping",
    next: "Correct the field of the mapping that is named.",
  },
  forbidden: { short: "Not permitted", next: "Ask an admin for a role that permits this." },
  not_found: {
    short: "Not found",
    next: "It may be of another workspace, deleted, or past its retention.",
  },
  conflict: {
    short: "Changed meanwhile",
    next: "Somebody else has just changed this. See what is there, then decide.",
    action: "refresh",
    button: "See the current one",
  },
  has_dependents: { short: "Still in use", next: "Remove what depends on it first." },
  limit_reached: { short: "Limit reached", next: "Delete one that is no longer used." },
  idempotency_mismatch: { short: "Repeated with a change", next: "Close, open again, and repeat." },
  idempotency_in_progress: {
    short: "Request under way",
    next: "The same request is still being made. Wait a moment.",
    action: "retry",
    button: "Try again",
  },
  bad_cursor: { short: "Invalid page", next: "The list starts again from its first page." },
  bad_period: {
    short: "Invalid period",
    next: "The end comes before the beginning, or the date does not exist. Choose another period.",
  },
  reprocess_in_progress: {
    short: "Already processing",
    next: "Wait for the processing that is under way.",
  },
  job_ended: { short: "Job ended", next: "The job had already ended." },
  url_not_allowed: {
    short: "URL not allowed",
    next: "Use https, a public name and port 443, 80 or 8443.",
    action: "change_url",
    button: "Change the URL",
  },
  target_ip_forbidden: {
    short: "Forbidden target",
    next: "The name leads to an internal address. Use a public one.",
    action: "change_url",
    button: "Change the URL",
  },
  header_not_allowed: {
    short: "Header not allowed",
    next: "Gancho or HTTP sets this header itself. Remove it.",
  },
  endpoint_disabled: { short: "Endpoint disabled", next: "Enable the endpoint to send." },
  endpoint_active: {
    short: "Endpoint active",
    next: "Disable the endpoint to change its order or limits.",
    action: "disable_endpoint",
    button: "Disable the endpoint",
  },
  no_event_for_subject: {
    short: "No stored event",
    next: "No event of this subject is stored. Publish one.",
    action: "publish",
    button: "Publish an event",
  },
  no_matching_rule: {
    short: "No matching rule",
    next: "No active rule takes this event. Create or activate one.",
  },
  event_expired: {
    short: "Event expired",
    next: "The event is past its retention. Publish it again.",
    action: "publish",
    button: "Publish an event",
  },
  delivery_ended: {
    short: "Delivery ended",
    next: "The delivery has ended. Resend it to send again.",
    action: "resend",
    button: "Resend",
  },
  attempt_in_progress: {
    short: "Attempt under way",
    next: "Wait for the attempt that is under way.",
  },
  endpoint_deleted: {
    short: "Endpoint deleted",
    next: "The endpoint was deleted. Send by another rule.",
  },
  rule_deleted: { short: "Rule deleted", next: "The rule was deleted. Send by another rule." },
  loop_detected: {
    short: "Loop",
    next: "Rules and integrations called each other in a circle. Break the circle.",
  },
  event_too_large: {
    short: "Event too large",
    next: "The data exceeds 256 KB. Send fewer fields.",
  },
  internal_error: {
    short: "Internal error",
    next: "The failure was logged. Try again.",
    action: "retry",
    button: "Try again",
  },
  session_ended: { short: "Session ended", next: "Sign in again. What you typed is still here." },
  too_many_tries: {
    short: "Too many tries",
    next: "Wait a minute, then try again.",
    action: "retry",
    button: "Try again",
  },
  not_from_console: { short: "Not from the console", next: "Reload the page and try again." },
};
