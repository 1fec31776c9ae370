// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/openapi.h"

#include <algorithm>
#include <cctype>

namespace ensue::serve {
namespace {

// The JSON schema that an example shows; the first member stands for a list.
JsonObject schema_of(const Json& example) {
  if (example.is_object()) {
    JsonObject properties;
    for (const auto& member : example.as_object()) {
      properties[member.key()] = schema_of(member.value());
    }
    return {{"type", "object"}, {"properties", std::move(properties)}};
  }
  if (example.is_array()) {
    const JsonArray& list = example.as_array();
    return {{"type", "array"},
            {"items", list.empty() ? JsonObject() : schema_of(list[0])}};
  }
  if (example.is_string()) return {{"type", "string"}};
  if (example.is_bool()) return {{"type", "boolean"}};
  if (example.is_int64() || example.is_uint64()) return {{"type", "integer"}};
  if (example.is_double()) return {{"type", "number"}};
  return {};
}

JsonObject content_of(std::string_view example, std::string_view type) {
  const Json parsed = parse_json(example, "example");
  return {
      {type, JsonObject{{"schema", schema_of(parsed)}, {"example", parsed}}}};
}

JsonObject parameter_json(const Parameter& p) {
  JsonObject out{{"name", p.name},
                 {"in", p.in},
                 {"required", p.in == "path"},
                 {"description", p.help},
                 {"schema", JsonObject{{"type", p.type}}}};
  if (!p.example.empty()) out["example"] = p.example;
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

// "GET /v1/users/{user}" -> "get_v1_users_user".
std::string operation_id(const Endpoint& e) {
  std::string out = lower(name_of(e.method));
  for (const char c : e.path) {
    if (c == '/' || c == '-' || c == '.') out += '_';
    if (std::isalnum(static_cast<unsigned char>(c))) out += c;
  }
  return out;
}

JsonObject operation(const Endpoint& e) {
  JsonObject out{{"operationId", operation_id(e)},
                 {"tags", JsonArray{e.group}},
                 {"summary", e.summary}};
  JsonArray parameters;
  for (const Parameter& p : e.parameters) {
    parameters.push_back(parameter_json(p));
  }
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (!e.body_example.empty()) {
    out["requestBody"] =
        JsonObject{{"required", true},
                   {"content", content_of(e.body_example, "application/json")}};
  }
  JsonObject ok{{"description", "as asked"}};
  if (!e.answer_example.empty()) {
    ok["content"] = content_of(e.answer_example, e.answer_type);
  }
  out["responses"] = JsonObject{
      {"200", std::move(ok)},
      {"400", JsonObject{{"description", "one line says what is wrong"}}},
      {"429",
       JsonObject{{"description", "too much at once; see Retry-After"}}}};
  if (e.scope != Scope::kNone) {
    out["security"] = JsonArray{JsonObject{{"key", JsonArray{}}}};
    out["x-scope"] = name_of(e.scope);
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

// As one would type it.
std::string curl(const Endpoint& e) {
  std::string path(e.path), query;
  for (const Parameter& p : e.parameters) {
    const std::string example(p.example);
    const auto place = path.find("{" + std::string(p.name) + "}");
    if (p.in == "path" && place != std::string::npos) {
      path.replace(place, p.name.size() + 2, example);
    } else if (p.in == "query" && !example.empty()) {
      query +=
          (query.empty() ? "?" : "&") + std::string(p.name) + "=" + example;
    }
  }
  std::string out = "curl ";
  if (e.method != Method::kGet && e.body_example.empty()) {
    out += "-X " + std::string(name_of(e.method)) + " ";
  }
  out += "'http://localhost:8087" + path + query + "'";
  if (e.body_example.empty()) return out;
  if (e.method != Method::kPost) {
    out += " -X " + std::string(name_of(e.method));
  }
  return out + " \\\n  -d '" + std::string(e.body_example) + "'";
}

std::string endpoint_html(const Endpoint& e) {
  std::string out = "<section><h3><b>" + std::string(name_of(e.method)) +
                    "</b> " + escaped(e.path) + "</h3><p>" +
                    escaped(e.summary) + "</p>";
  if (e.scope != Scope::kNone) {
    out += "<p class=scope>scope: " + std::string(name_of(e.scope)) + "</p>";
  }
  if (!e.parameters.empty()) {
    out += "<table><tr><th>parameter<th>in<th>type<th>what</tr>";
    for (const Parameter& p : e.parameters) {
      out += "<tr><td><code>" + escaped(p.name) + "</code><td>" +
             escaped(p.in) + "<td>" + escaped(p.type) + "<td>" +
             escaped(p.help) + "</tr>";
    }
    out += "</table>";
  }
  out += "<pre>" + escaped(curl(e)) + "</pre>";
  if (!e.answer_example.empty()) {
    out += "<pre class=answer>" +
           escaped(to_pretty_text(parse_json(e.answer_example, "example"))) +
           "</pre>";
  }
  return out + "</section>";
}

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;color:#1c1d21;background:#fff}h1{margin-bottom:0}"
    "section{border-top:1px solid #ddd;padding:.5rem 0}h3 b{color:#0b5fa5}"
    "h3{font-family:ui-monospace,monospace;font-size:1rem}"
    "pre{background:#f4f5f7;padding:.7rem;overflow:auto;font-size:.85rem;"
    "white-space:pre-wrap;word-break:break-word}pre.answer{background:#eef6ee}"
    "table{border-collapse:collapse;font-size:.9rem}td,th{text-align:left;"
    "padding:.2rem .8rem .2rem 0;vertical-align:top}.scope{color:#666;"
    "font-size:.85rem;margin:0}nav a{margin-right:1rem}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#17181b}"
    "pre{background:#23252a}pre.answer{background:#1d2a1d}h3 b{color:#6cb6f2}"
    "section{border-color:#333}}";

}  // namespace

JsonObject openapi(const std::vector<Endpoint>& endpoints) {
  JsonObject paths;
  for (const Endpoint& e : endpoints) {
    Json& path = paths[e.path];
    if (path.is_null()) path = JsonObject();
    path.as_object()[lower(name_of(e.method))] = operation(e);
  }
  return {
      {"openapi", "3.0.3"},
      {"info", JsonObject{{"title", "ensue"},
                          {"description", "What customers do next."},
                          {"version", "1"}}},
      {"paths", std::move(paths)},
      {"components",
       JsonObject{{"securitySchemes",
                   JsonObject{{"key", JsonObject{{"type", "apiKey"},
                                                 {"in", "header"},
                                                 {"name", "X-API-Key"}}}}}}}};
}

std::string docs_html(const std::vector<Endpoint>& endpoints) {
  std::string out =
      "<!doctype html><html lang=en><meta charset=utf-8>"
      "<meta name=viewport content='width=device-width,initial-scale=1'>"
      "<title>ensue: the interface</title><style>" +
      std::string(kStyle) +
      "</style><h1>ensue</h1><p>What customers do next. Errors are one line: "
      "<code>{\"error\": \"…\"}</code>. The same for machines: "
      "<a href=/openapi.json>openapi.json</a>.</p><nav>";
  std::vector<std::string_view> groups;
  for (const Endpoint& e : endpoints) {
    if (std::ranges::find(groups, e.group) == groups.end()) {
      groups.push_back(e.group);
    }
  }
  for (const auto group : groups) {
    out +=
        "<a href='#" + std::string(group) + "'>" + std::string(group) + "</a>";
  }
  out += "</nav>";
  for (const auto group : groups) {
    out +=
        "<h2 id='" + std::string(group) + "'>" + std::string(group) + "</h2>";
    for (const Endpoint& e : endpoints) {
      if (e.group == group) out += endpoint_html(e);
    }
  }
  return out + "</html>";
}

}  // namespace ensue::serve
