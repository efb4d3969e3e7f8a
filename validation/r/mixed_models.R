# Mixed models of realdata 01 by nlme::gls and emmeans; writes references/mixed_models.json.
#   cd validation; LIMEN_REALDATA=... Rscript r/mixed_models.R
# Debian 12: r-base-core, r-cran-nlme, r-cran-emmeans, r-cran-jsonlite.
library(nlme)
suppressMessages(library(emmeans))
library(jsonlite)

data <- read.csv(file.path(Sys.getenv("LIMEN_REALDATA"), "01_mmrm_antidepressant", "antidepressant_hamd17.csv"))
data$row <- seq_len(nrow(data))
data$visit <- factor(data$VISIT)
data$arm <- factor(data$THERAPY, levels = c("PLACEBO", "DRUG"))
data$index <- as.integer(data$visit)
data$patient <- factor(data$PATIENT)

# The rule that makes holes between visits: data row r (1 is the first below the header) is lost where r mod 7 is 3.
cases <- list(
  as_given = data,
  intermittent = data[data$row %% 7 != 3, ]
)
control <- glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14, opt = "nlminb")
structures <- list(
  unstructured = function(d) gls(CHANGE ~ visit * arm + BASVAL * visit, d, method = "REML", control = control,
    correlation = corSymm(form = ~ index | patient), weights = varIdent(form = ~ 1 | visit)),
  `compound-symmetry` = function(d) gls(CHANGE ~ visit * arm + BASVAL * visit, d, method = "REML",
    control = control, correlation = corCompSymm(form = ~ index | patient)),
  ar1 = function(d) gls(CHANGE ~ visit * arm + BASVAL * visit, d, method = "REML", control = control,
    correlation = corAR1(form = ~ index | patient))
)
describe <- function(fit, d) {
  sizes <- table(d$patient)
  means <- emmeans(fit, ~ arm | visit, mode = "asymptotic", data = d)
  contrasts <- as.data.frame(contrast(means, list(difference = c(-1, 1))))
  means <- as.data.frame(means)
  list(
    minus2_loglik = -2 * as.numeric(logLik(fit)),
    visit = as.character(contrasts$visit), difference = contrasts$estimate, se = contrasts$SE,
    mean_arm = as.character(means$arm), mean_visit = as.character(means$visit),
    mean = means$emmean, mean_se = means$SE,
    observations = nrow(d), people = length(unique(d$patient))
  )
}
result <- lapply(cases, function(d) lapply(structures, function(fit) describe(fit(d), d)))
result$software <- list(
  R = paste(R.version$major, R.version$minor, sep = "."),
  nlme = as.character(packageVersion("nlme")), emmeans = as.character(packageVersion("emmeans")),
  settings = "glsControl(maxIter=500, msMaxIter=2000, tolerance=1e-12, msTol=1e-14, opt=nlminb)",
  rule = "intermittent: data row r (1 is the first below the header) left out where r mod 7 is 3"
)
write(toJSON(result, digits = 10, auto_unbox = TRUE, pretty = TRUE), "references/mixed_models.json")
