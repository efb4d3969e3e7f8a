# The problem in R: Rscript peers.R SIMULATOR PEOPLE.csv STATES.csv THREADS REPEATS
#
# Prints "seconds first", "seconds best" and "version" as name=value lines and writes the states of every person at the
# end of each interval, one row per person and interval, to STATES.csv; `benchmarks/r_peers.py` reads both.
# Exercised: the exchange of data and the deSolve part. NOT exercised where this was written, for want of the
# packages: the rxode2 and mrgsolve parts.

arguments <- commandArgs(trailingOnly = TRUE)
simulator <- arguments[1]
people <- read.csv(arguments[2])
threads <- as.integer(arguments[4])
repeats <- as.integer(arguments[5])
doses <- 10; gap <- 72; amount <- 10
ends <- seq_len(doses) * gap
states <- c("T", "X1", "X2", "X3", "X4")  # the field's names; rxode2 and mrgsolve keep T for themselves, so Tol there
tolerance <- c("Tol", states[-1])

in_rxode2 <- function(method) {
  model <- rxode2::rxode2("
    c = max(P / v, 1e-300)
    ch = c^h
    O = omax * ch / (ch + ec50^h)
    E = O / (O + K * (1 + s * Tol))
    d/dt(A) = -ka * A
    d/dt(P) = ka * A - cl / v * P
    d/dt(Tol) = k_tol * O * (1 - Tol) - k_T * Tol
    d/dt(X1) = k1 * (E - X1)
    d/dt(X2) = k2 * (E - X2)
    d/dt(X3) = k3 * (E - X3)
    d/dt(X4) = k4 * (E - X4)
  ")
  events <- rxode2::et(amt = amount, cmt = "A", ii = gap, addl = doses - 1)
  events <- rxode2::et(events, ends)
  function(p) {
    found <- rxode2::rxSolve(model, params = p, events = events, method = method, rtol = 1e-6, atol = 1e-9,
                             cores = threads, returnType = "data.frame")
    as.matrix(found[found$time > 0, tolerance])
  }
}

in_mrgsolve <- function() {
  model <- mrgsolve::mcode("microdose", "
    $PARAM cl=1, v=1, ka=1, ec50=1, h=1, omax=1, k_tol=1, k_T=1, K=1, s=1, k1=1, k2=1, k3=1, k4=1
    $CMT A P Tol X1 X2 X3 X4
    $ODE
    double conc = P / v > 1e-300 ? P / v : 1e-300;
    double ch = pow(conc, h);
    double O = omax * ch / (ch + pow(ec50, h));
    double E = O / (O + K * (1 + s * Tol));
    dxdt_A = -ka * A;
    dxdt_P = ka * A - cl / v * P;
    dxdt_Tol = k_tol * O * (1 - Tol) - k_T * Tol;
    dxdt_X1 = k1 * (E - X1);
    dxdt_X2 = k2 * (E - X2);
    dxdt_X3 = k3 * (E - X3);
    dxdt_X4 = k4 * (E - X4);
  ", quiet = TRUE)
  events <- mrgsolve::ev(amt = amount, cmt = 1, ii = gap, addl = doses - 1)
  once <- function(p) {
    found <- mrgsolve::mrgsim_ei(model, events, p, start = gap, end = doses * gap, delta = gap, obsonly = TRUE,
                                 rtol = 1e-6, atol = 1e-9)
    as.matrix(as.data.frame(found)[, tolerance])
  }
  function(p) {
    p <- cbind(ID = seq_len(nrow(p)), p)
    if (threads == 1) return(once(p))
    part <- cut(seq_len(nrow(p)), threads, labels = FALSE)
    do.call(rbind, parallel::mclapply(split(p, part), once, mc.cores = threads))
  }
}

in_desolve <- function() {
  slope <- function(t, y, p) {
    ch <- max(y[2] / p[["v"]], 1e-300)^p[["h"]]
    occupancy <- p[["omax"]] * ch / (ch + p[["ec50"]]^p[["h"]])
    drive <- occupancy / (occupancy + p[["K"]] * (1 + p[["s"]] * y[3]))
    k <- c(p[["k1"]], p[["k2"]], p[["k3"]], p[["k4"]])
    list(c(-p[["ka"]] * y[1], p[["ka"]] * y[1] - p[["cl"]] / p[["v"]] * y[2],
           p[["k_tol"]] * occupancy * (1 - y[3]) - p[["k_T"]] * y[3], k * (drive - y[4:7])))
  }
  function(p) {
    p <- as.matrix(p)
    do.call(rbind, lapply(seq_len(nrow(p)), function(person) {
      y <- rep(0, 7)
      out <- matrix(0, doses, 5)
      for (j in seq_len(doses)) {
        y[1] <- y[1] + amount
        y <- unname(deSolve::lsoda(y, c(0, gap), slope, p[person, ], rtol = 1e-6, atol = 1e-9)[2, -1])
        out[j, ] <- y[3:7]
      }
      out
    }))
  }
}

package <- sub(" .*", "", simulator)
if (!requireNamespace(package, quietly = TRUE)) {
  cat("absent=", package, "\n", sep = "")
  quit(status = 0)
}
clock <- function(code) system.time(code)[["elapsed"]]
first <- clock({
  run <- switch(simulator,
    "rxode2 liblsoda" = in_rxode2("liblsoda"),
    "rxode2 dop853" = in_rxode2("dop853"),
    "mrgsolve LSODA" = in_mrgsolve(),
    "deSolve LSODA" = in_desolve())
  found <- run(people)
})
best <- min(vapply(seq_len(repeats), function(i) clock(run(people)), 0))
write.table(found, arguments[3], sep = ",", row.names = FALSE, col.names = FALSE)
peak <- if (file.exists("/proc/self/status")) grep("^VmHWM", readLines("/proc/self/status"), value = TRUE) else "0"
cat("first=", first, "\nbest=", best, "\nversion=", format(packageVersion(package)),
    "\nmemory=", gsub("[^0-9]", "", peak), "\n", sep = "")
