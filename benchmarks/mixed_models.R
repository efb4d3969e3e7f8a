# Unstructured mixed models of every replicate in a CSV (replicate, person, visit, arm, baseline, score); prints, for each
# package that is installed, seconds of processor and estimate of each fit.  Rscript mixed_models.R FILE VISIT
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1])
data$visit <- factor(data$visit)
data$arm <- factor(data$arm)
data$person <- factor(data$person)
data$index <- as.integer(data$visit)
last <- arguments[2]
timed <- function(package, fit, estimate) {
  if (!suppressWarnings(requireNamespace(package, quietly = TRUE))) return(invisible())
  for (number in unique(data$replicate)) {
    d <- droplevels(data[data$replicate == number & !is.na(data$score), ])
    # The effect of arm is at the reference visit.
    d$visit <- relevel(d$visit, ref = last)
    d$index <- as.integer(factor(as.character(d$visit)))
    seconds <- sum(system.time(found <- try(fit(d), silent = TRUE))[c("user.self", "sys.self")])
    value <- if (inherits(found, "try-error")) NA else estimate(found)
    cat(package, as.character(packageVersion(package)), number, seconds, format(value, digits = 12), "\n")
  }
}
timed("nlme", function(d) nlme::gls(score ~ visit * arm + baseline * visit, d, method = "REML",
  correlation = nlme::corSymm(form = ~ index | person), weights = nlme::varIdent(form = ~ 1 | visit),
  control = nlme::glsControl(maxIter = 200, msMaxIter = 500, opt = "nlminb")),
  function(found) coef(found)[["arm1"]])
timed("mmrm", function(d) mmrm::mmrm(score ~ visit * arm + baseline * visit + us(visit | person), d,
  method = "Satterthwaite"), function(found) coef(found)[["arm1"]])
