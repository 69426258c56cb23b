//! Assembles a host from its template.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use serde_yaml_ng::Value as Yaml;
use tokio::runtime::{Handle, Runtime};

use crate::audit::roles::{Role, Roles};
use crate::emulator::{
    activity::Activity,
    builder::Builder,
    clients::Clients,
    clock::HostClock,
    control_api::ControlApi,
    data_dir::DataDir,
    dns::Names,
    dynamo::Dynamo,
    error::HostError,
    faults::{ClientFactory, Faults},
    functions,
    gateway::{self, Authorizer, AuthorizerSettings, Gateway, Server, Target, routes::Routes},
    host::{Host, make_deps},
    inbox::Inbox,
    intrinsics::{Resolver, stream_table},
    lambda::{Lambda, in_turn},
    schedule::Schedule,
    sns::Mailbox,
    sqs::{self, Fifo, QueueSettings, Queues, Source, SourceSettings},
    state::State,
    streams::{Filter, Mapping, MappingSettings, Surroundings, Trimmer},
    template::{
        EventSource, FunctionResource, RouteProperties, StreamProperties, Template, TopicProperties,
    },
};

/// The interval of trimming streams and of other work that is not urgent.
const TIDY: Duration = Duration::from_millis(200);

/// The parts that exist before the functions do.
struct Ground {
    builder: Builder,
    template: Template,
    resolver: Resolver,
    folder: DataDir,
    services: Runtime,
    engine: Runtime,
    clock: HostClock,
    activity: Activity,
    faults: Faults,
    state: State,
    dynamo: Dynamo,
    queues: Queues,
    control_api: ControlApi,
    clients: Clients,
}

impl Builder {
    /// Starts the host.
    pub async fn start(self) -> Result<Host, HostError> {
        // Starting blocks for some milliseconds, which must not block the caller's runtime.
        let started = tokio::task::spawn_blocking(move || Host::start(self)).await;
        started.unwrap_or_else(|error| {
            Err(HostError::Io { what: "starting".to_owned(), source: error.into() })
        })
    }
}

impl Host {
    /// Starts a host, blocking for some milliseconds.
    pub(crate) fn start(builder: Builder) -> Result<Self, HostError> {
        let (listener, address) = gateway::bind(builder.port)?;
        let ground = Ground::prepare(builder, address)?;
        let environments = ground.environments()?;
        let lambdas = ground.lambdas(&environments)?;
        let mut host = Self {
            address,
            clock: ground.clock.clone(),
            activity: ground.activity.clone(),
            faults: ground.faults.clone(),
            dynamo: ground.dynamo.clone(),
            queues: ground.queues.clone(),
            control_api: ground.control_api.clone(),
            clients: ground.clients.clone(),
            expiring: expiring(&ground.template),
            environments,
            mappings: Vec::new(),
            sources: Vec::new(),
            schedules: Vec::new(),
            server: None,
            lambdas,
            runtimes: Vec::new(),
            folder: ground.folder,
        };
        let parts = Parts {
            builder: &ground.builder,
            template: &ground.template,
            resolver: &ground.resolver,
            state: &ground.state,
            engine: ground.engine.handle(),
        };
        if ground.builder.sources {
            host.connect(&parts)?;
        }
        host.open(&parts, listener)?;
        host.runtimes = vec![ground.engine, ground.services];
        Ok(host)
    }

    /// Connects streams, queues and schedules to their functions.
    fn connect(&mut self, parts: &Parts<'_>) -> Result<(), HostError> {
        for function in &parts.template.functions {
            let lambda = Arc::clone(self.lambda(&function.folder)?);
            for (name, event) in &function.events {
                let lambda = Arc::clone(&lambda);
                match event {
                    EventSource::DynamoDB(stream) => {
                        let name = format!("{}/{name}", function.folder);
                        self.connect_stream(parts, name, stream, lambda)?;
                    }
                    EventSource::Queue(source) => self.connect_queue(parts, source, lambda)?,
                    EventSource::Schedule(schedule) => {
                        let (clock, activity) = (self.clock.clone(), self.activity.clone());
                        let schedule = Schedule::new(name, schedule, lambda, clock, activity)?;
                        schedule.start(parts.engine);
                        self.schedules.push(schedule);
                    }
                    EventSource::HttpApi(_) => {}
                }
            }
        }
        self.tidy(parts.engine);
        Ok(())
    }

    fn connect_stream(
        &mut self,
        parts: &Parts<'_>,
        name: String,
        stream: &StreamProperties,
        lambda: Arc<Lambda>,
    ) -> Result<(), HostError> {
        let settings = parts.mapping(name, stream)?;
        let around = Surroundings {
            dynamo: self.dynamo.clone(),
            state: parts.state.clone(),
            clock: self.clock.clone(),
            misdelivery: parts.builder.misdelivery.clone(),
            activity: self.activity.clone(),
            written: self.clients.factory.written(),
        };
        self.mappings.push(Mapping::start(settings, lambda, around, parts.engine)?);
        Ok(())
    }

    fn connect_queue(
        &mut self,
        parts: &Parts<'_>,
        source: &crate::emulator::template::QueueSourceProperties,
        lambda: Arc<Lambda>,
    ) -> Result<(), HostError> {
        let arn = parts.resolver.text(&source.queue)?;
        let settings = SourceSettings {
            queue: arn.rsplit(':').next().unwrap_or_default().to_owned(),
            batch_size: source.batch_size,
            concurrency: source.scaling_config.as_ref().map_or(10, |c| c.maximum_concurrency),
            partial: is_partial(&source.function_response_types),
        };
        let queues = self.queues.clone();
        let misdelivery = parts.builder.misdelivery.clone();
        let source = Source::new(settings, lambda, queues, misdelivery, self.activity.clone());
        source.start(parts.engine);
        self.sources.push(source);
        Ok(())
    }

    fn tidy(&self, engine: &Handle) {
        let (mappings, dynamo) = (self.mappings.clone(), self.dynamo.clone());
        let trimmer = Trimmer::default();
        engine.spawn(async move {
            loop {
                tokio::time::sleep(TIDY).await;
                if let Err(error) = trimmer.trim(&mappings, &dynamo) {
                    tracing::warn!(%error, "a stream is not trimmed");
                }
            }
        });
    }

    /// Opens the gateway.
    fn open(
        &mut self,
        parts: &Parts<'_>,
        listener: std::net::TcpListener,
    ) -> Result<(), HostError> {
        let authorizers = self.authorizers(parts)?;
        let mut routes = Routes::default();
        for function in &parts.template.functions {
            for (_, event) in &function.events {
                if let EventSource::HttpApi(route) = event {
                    let authorizer = parts.authorizer(route, &authorizers)?;
                    let lambda = Arc::clone(self.lambda(&function.folder)?);
                    routes.add(&route.method, &route.path, Target { lambda, authorizer });
                }
            }
        }
        let gateway = Gateway {
            routes,
            clock: self.clock.clone(),
            activity: self.activity.clone(),
            control_api: self.control_api.clone(),
            trust_source_header: parts.builder.trust_source_header,
        };
        self.server = Some(Server::start(Arc::new(gateway), listener, parts.engine)?);
        Ok(())
    }

    fn authorizers(
        &self,
        parts: &Parts<'_>,
    ) -> Result<BTreeMap<String, Arc<Authorizer>>, HostError> {
        let mut authorizers = BTreeMap::new();
        for (name, authorizer) in &parts.template.authorizers {
            let arn = parts.resolver.text(&authorizer.function_arn)?;
            let lambda = self.lambda(arn.rsplit(':').next().unwrap_or_default())?;
            let settings = AuthorizerSettings {
                identity: authorizer.identity.headers.iter().map(|h| h.to_lowercase()).collect(),
                keep: authorizer.identity.reauthorize_every,
            };
            let authorizer = Authorizer::new(settings, Arc::clone(lambda), self.clock.clone());
            authorizers.insert(name.clone(), Arc::new(authorizer));
        }
        Ok(authorizers)
    }
}

/// The sources of event sources and routes.
struct Parts<'a> {
    builder: &'a Builder,
    template: &'a Template,
    resolver: &'a Resolver,
    state: &'a State,
    engine: &'a Handle,
}

impl Parts<'_> {
    fn mapping(
        &self,
        name: String,
        stream: &StreamProperties,
    ) -> Result<MappingSettings, HostError> {
        let arn = self.resolver.text(&stream.stream)?;
        let table = stream_table(&arn).to_owned();
        let window = Duration::from_secs(stream.maximum_batching_window_in_seconds);
        Ok(MappingSettings {
            name,
            view: view_type(self.template, &table),
            table,
            arn,
            batch_size: stream.batch_size,
            window: if self.builder.windows { window } else { Duration::ZERO },
            bisect: stream.bisect_batch_on_function_error,
            retries: u32::try_from(stream.maximum_retry_attempts).ok(),
            partial: is_partial(&stream.function_response_types),
            filter: Filter::parse(&stream.filter_criteria)?,
            shards: self.builder.shards,
        })
    }

    /// The authorizer of a route.
    fn authorizer(
        &self,
        route: &RouteProperties,
        authorizers: &BTreeMap<String, Arc<Authorizer>>,
    ) -> Result<Option<Arc<Authorizer>>, HostError> {
        let own = route.auth.as_ref().map(|auth| auth.authorizer.as_str());
        match own.or(self.template.default_authorizer.as_deref()) {
            None | Some("NONE") => Ok(None),
            Some(name) => {
                let unknown = || HostError::Template(format!("no authorizer is called {name}"));
                authorizers.get(name).cloned().map(Some).ok_or_else(unknown)
            }
        }
    }
}

impl Ground {
    fn prepare(builder: Builder, address: std::net::SocketAddr) -> Result<Self, HostError> {
        let template = Template::parse(&builder.template)?;
        let folder = DataDir::open(builder.data.as_deref())?;
        let (services, engine) = (runtime("services", 4)?, runtime("engine", 2)?);
        let clock = HostClock::new(builder.clock.clone(), engine.handle());
        let (faults, activity) = (Faults::default(), Activity::default());
        let (listener, sqs) = sqs::bind()?;
        let sqs_url = format!("http://{sqs}");
        let resolver = template.resolver(&sqs_url, &parameters(&builder, address))?;
        let state = State::open(Some(&folder.file("host.db")))?;
        let dynamo = tables(&template, &folder, services.handle())?;
        let (settings, chance) = (queue_settings(&template, &resolver)?, &builder.misdelivery);
        let queues = Queues::new(settings, state.clone(), clock.clone(), chance.clone());
        sqs::serve(queues.clone(), listener, services.handle())?;
        let mailbox = Mailbox::new(topics(&template, &resolver)?, clock.clone());
        let allowed = if builder.roles { roles(&template, &resolver)? } else { Roles::default() };
        let handle = services.handle().clone();
        let clients = Clients {
            dynamo_url: dynamo.url(),
            sqs_url,
            sns_url: format!("http://{}", mailbox.serve(&handle)?),
            factory: ClientFactory::new(handle, faults.clone(), activity.clone(), allowed),
            resolver: names(&builder),
            metrics: builder.metrics.clone(),
        };
        Ok(Self {
            control_api: ControlApi { inbox: Inbox::new(address.port(), clock.clone()), mailbox },
            builder,
            template,
            resolver,
            folder,
            services,
            engine,
            clock,
            activity,
            faults,
            state,
            dynamo,
            queues,
            clients,
        })
    }

    fn environments(&self) -> Result<BTreeMap<String, BTreeMap<String, String>>, HostError> {
        let resolve =
            |(name, value): &(String, Yaml)| Ok((name.clone(), self.resolver.text(value)?));
        let functions = self.template.functions.iter().map(|function| {
            let exempt = ("EGRESS_EXEMPT_HOSTS".to_owned(), self.builder.exempt_hosts.join(","));
            let environment = function.environment.iter().map(resolve);
            let environment = environment.chain(std::iter::once(Ok(exempt)));
            let own = self.builder.console.clone().into_iter();
            let own = own.filter(|_| function.folder == "console").map(Ok);
            let environment = environment.chain(own);
            Ok((function.folder.clone(), environment.collect::<Result<_, HostError>>()?))
        });
        functions.collect()
    }

    fn lambdas(
        &self,
        environments: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<BTreeMap<String, Arc<Lambda>>, HostError> {
        let mut lambdas = BTreeMap::new();
        for function in &self.template.functions {
            let folder = &function.folder;
            let unknown = || HostError::NoSuchFunction(folder.clone());
            let code = if let Some(code) = self.builder.functions.get(folder) {
                Arc::clone(code)
            } else {
                let environment = environments.get(folder).ok_or_else(unknown)?;
                let process = |_| {
                    let deps = make_deps(&self.clients, self.clock.inner(), environment, folder)?;
                    functions::make(folder, deps)?.ok_or_else(unknown)
                };
                let others = (1..self.builder.processes.get()).map(process);
                in_turn(process(0)?, others.collect::<Result<_, HostError>>()?)
            };
            let (clock, activity) = (self.clock.clone(), self.activity.clone());
            let lambda = Lambda::new(folder, function.timeout, code, clock, activity);
            lambdas.insert(folder.clone(), Arc::new(lambda));
        }
        Ok(lambdas)
    }
}

fn names(builder: &Builder) -> gancho_edge::deps::Resolver {
    gancho_edge::deps::Resolver(Arc::new(Names::new(builder.outside.clone())))
}

fn tables(template: &Template, folder: &DataDir, services: &Handle) -> Result<Dynamo, HostError> {
    Dynamo::start(&folder.file("dynamo.db"), folder.stays(), &template.tables, services)
}

fn runtime(name: &str, threads: usize) -> Result<Runtime, HostError> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name(name)
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(HostError::io("threads"))
}

fn queue_settings(
    template: &Template,
    resolver: &Resolver,
) -> Result<Vec<QueueSettings>, HostError> {
    let queues = template.queues.iter().map(|(_, queue)| {
        let redrive = match &queue.redrive_policy {
            None => None,
            Some(policy) => {
                let arn = resolver.text(&policy.dead_letter_target_arn)?;
                let target = arn.rsplit(':').next().unwrap_or_default().to_owned();
                Some((policy.max_receive_count, target))
            }
        };
        let per_group = queue.deduplication_scope.as_deref() == Some("messageGroup");
        let fifo = Fifo { by_content: queue.content_based_deduplication, per_group };
        Ok(QueueSettings {
            fifo: queue.fifo_queue.then_some(fifo),
            most_in_flight: 0,
            name: resolver.text(&queue.queue_name)?,
            visibility: queue.visibility_timeout,
            retention: queue.message_retention_period,
            redrive,
        })
    });
    queues.collect()
}

/// The ARNs of the topics.
fn topics(template: &Template, resolver: &Resolver) -> Result<BTreeSet<String>, HostError> {
    let arn = |(_, topic): &(String, TopicProperties)| {
        Ok(crate::emulator::arns::arn("sns", &resolver.text(&topic.topic_name)?))
    };
    template.topics.iter().map(arn).collect()
}

/// The builder's parameters and the gateway's address.
fn parameters(builder: &Builder, address: std::net::SocketAddr) -> BTreeMap<String, String> {
    let base = ("PublicBaseUrl".to_owned(), format!("http://{address}"));
    std::iter::once(base).chain(builder.parameters.clone()).collect()
}

/// The grants of each function's role.
pub(crate) fn roles(template: &Template, resolver: &Resolver) -> Result<Roles, HostError> {
    let role = |function: &FunctionResource| {
        let properties = template.roles.get(&function.role).cloned().unwrap_or_default();
        Ok((function.folder.clone(), Role::read(&properties, resolver)?))
    };
    template.functions.iter().map(role).collect()
}

/// Tables whose rows may expire, with the attribute that says when.
fn expiring(template: &Template) -> Vec<(String, String)> {
    let attribute = |properties: &Yaml| {
        let time_to_live = properties.get("TimeToLiveSpecification")?;
        Some(time_to_live.get("AttributeName")?.as_str()?.to_owned())
    };
    let tables = template.tables.iter();
    tables.filter_map(|(id, properties)| Some((id.clone(), attribute(properties)?))).collect()
}

/// The view type of a table's stream.
fn view_type(template: &Template, table: &str) -> String {
    let properties = template.tables.iter().find(|(id, _)| id == table).map(|(_, found)| found);
    let stream = properties.and_then(|properties| properties.get("StreamSpecification"));
    let view = stream.and_then(|stream| stream.get("StreamViewType")).and_then(Yaml::as_str);
    view.unwrap_or("NEW_IMAGE").to_owned()
}

fn is_partial(types: &[String]) -> bool {
    types.iter().any(|kind| kind == "ReportBatchItemFailures")
}
